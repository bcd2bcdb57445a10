import { context } from '@opentelemetry/api';
import cors from 'cors';
import { DomainError } from '#libs/errors';
import type { Log } from '#libs/service';
import { traceresponse } from '#libs/telemetry';
import type { Deployments } from '../deployments/deployments.js';
import type { Handlers } from '../handlers.js';
import type { AccessLog } from '../observe/access-log.js';
import { startServerSpan } from '../observe/server-span.js';
import { match } from '../pipeline/match.js';
import { limitSize } from '../pipeline/read-body.js';
import { MethodNotAllowed } from '../problems/failure.js';
import type { Draining } from '../streams/draining.js';
import { checkProtocol } from './check-protocol.js';
import { type AddressOf, clientAddress } from './client-address.js';
import { corsOptions } from './cors.js';
import { EdgeReply, type ReplyRules } from './edge-reply.js';
import { EdgeRequest } from './edge-request.js';
import { Exchange, type Scheme } from './exchange.js';
import { answerOwn, type OwnRoutes } from './own-routes.js';
import type { RawRequest, RawResponse } from './raw.js';
import { SECURITY_HEADERS } from './security-headers.js';

export interface EdgeParts {
  readonly deployments: Deployments;
  readonly handlers: Handlers;
  readonly accessLog: AccessLog;
  /** Endpoints that are not RPCs: health, errors, … */
  readonly own: OwnRoutes;
  readonly draining: Draining;
  readonly log: Log;
}

/** The gateway on its HTTP server: the way of every request, and what belongs to every answer. */
export class Edge implements ReplyRules {
  readonly headers = Object.entries(SECURITY_HEADERS).flatMap(([name, value]) => [name.toLowerCase(), value]);
  private readonly addressOf: AddressOf;
  private readonly scheme: Scheme;
  private readonly cors: ReturnType<typeof cors<EdgeRequest>> | undefined;

  constructor(private readonly parts: EdgeParts) {
    const { trustedProxies, corsOrigins, tls } = parts.deployments.current.config;
    this.scheme = tls ? 'https' : 'http';
    this.addressOf = clientAddress(trustedProxies);
    this.cors = corsOrigins.length > 0 ? cors(corsOptions(corsOrigins)) : undefined;
  }

  /** Answers a request. The server calls it for each, and `closed` of what it returns when that is done with. */
  begin(raw: RawRequest, response: RawResponse): EdgeReply {
    const { deployments } = this.parts;
    const { span, context: ofSpan } = startServerSpan(raw, this.scheme);
    const exchange = new Exchange(raw.url ?? '', deployments.current, { span, context: ofSpan, scheme: this.scheme });
    const reply = new EdgeReply(new EdgeRequest(raw, this.addressOf(raw), exchange), response, this);
    exchange.deployment.enter();
    const traced = traceresponse(ofSpan);
    if (traced !== undefined) reply.header('traceresponse', traced);
    this.cors?.(reply.request, reply, noNext);
    void context.with(ofSpan, this.run, this, reply);
    return reply;
  }

  isLast(): boolean {
    return this.parts.draining.isAnnounced;
  }

  closed(reply: EdgeReply): void {
    const { exchange } = reply.request;
    if (!reply.raw.writableFinished) exchange.clientGone.abort();
    const { accessLog } = this.parts;
    context.with(exchange.context, accessLog.record, accessLog, reply);
    exchange.deployment.leave();
  }

  private async run(reply: EdgeReply): Promise<void> {
    const { request } = reply;
    try {
      await this.answer(request, reply);
    } catch (error) {
      await this.parts.handlers.refuse(error, request, reply).catch((err: unknown) => {
        this.parts.log.error({ err }, 'request could not be answered');
        reply.raw.destroy();
      });
    }
  }

  private answer(request: EdgeRequest, reply: EdgeReply): Promise<void> | void {
    const { exchange, method, raw } = request;
    const { config, operations } = exchange.deployment;
    checkProtocol(raw, config.limits.headerBytes);
    limitSize(raw, config.limits.bodyBytes);
    const own = this.parts.own.at(exchange.path);
    if (own) return answerOwn(own, request, reply);
    // A tunnel, which is for proxies. In HTTP/1.1 it never gets here: it is no request to Node.
    if (method === 'CONNECT') throw new MethodNotAllowed('');
    const matched = match(request, operations);
    if (matched.kind === 'options') {
      reply.code(204).header('allow', matched.allow).send();
    } else if (exchange.bound) {
      return this.parts.handlers.handle(exchange.bound.operation, request, reply);
    }
  }
}

/** Its headers are on the reply when it calls. */
function noNext(error?: unknown): void {
  if (error) throw new DomainError('INTERNAL', { cause: error });
}

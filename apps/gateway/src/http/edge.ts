import { context } from '@opentelemetry/api';
import cors from 'cors';
import { DomainError } from '#libs/errors';
import type { Log } from '#libs/service';
import { traceresponse } from '#libs/telemetry';
import type { Deployments } from '../deployments/deployments.js';
import type { Handlers } from '../handlers.js';
import type { AccessLog } from '../observe/access-log.js';
import { startServerSpan } from '../observe/server-span.js';
import { match, matchSocket } from '../pipeline/match.js';
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
import { checkHandshake, takeToken, type Upgrade } from './upgrade.js';

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
  begin(raw: RawRequest, response: RawResponse, upgrade?: Upgrade): EdgeReply {
    const { deployments } = this.parts;
    const { span, context: ofSpan } = startServerSpan(raw, this.scheme);
    const exchange = new Exchange(raw.url ?? '', deployments.current, { span, context: ofSpan, scheme: this.scheme });
    const reply = new EdgeReply(new EdgeRequest(raw, this.addressOf(raw), exchange), response, this);
    if (upgrade) reply.request.upgrade = upgrade;
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
    // A WebSocket has no end but that of its connection.
    if (!reply.raw.writableFinished && reply.statusCode !== 101) exchange.clientGone.abort();
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

  /** Whether a request for a WebSocket is for one that there is; all others are answered as if they had not asked. */
  offersSocket(target: string): boolean {
    const path = target.split('?', 1)[0] ?? '';
    return this.parts.deployments.current.operations.sockets.match('GET', path).kind === 'route';
  }

  private async answerUpgrade(request: EdgeRequest, reply: EdgeReply): Promise<void> {
    const { exchange } = request;
    const { config, operations } = exchange.deployment;
    // A path that was offered under another deployment may be gone.
    matchSocket(exchange, operations);
    checkHandshake(request.headers, config.corsOrigins);
    takeToken(request.headers);
    if (exchange.bound) await this.parts.handlers.handle(exchange.bound.operation, request, reply);
  }

  private answer(request: EdgeRequest, reply: EdgeReply): Promise<void> | void {
    const { exchange, method, raw } = request;
    const { config, operations } = exchange.deployment;
    checkProtocol(raw, config.limits.headerBytes);
    if (request.upgrade) return this.answerUpgrade(request, reply);
    limitSize(
      raw,
      takesLong(exchange, method, Number(raw.headers['content-length'] ?? 0))
        ? config.streams.bodyBytes
        : config.limits.bodyBytes,
    );
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

/** Whether the request is a stream, which has a limit of its own: asked of what is too large for others alone. */
function takesLong({ deployment: { config, operations }, path }: Exchange, method: string, length: number): boolean {
  if (!(length > config.limits.bodyBytes)) return false;
  const matched = operations.router.match(method, path);
  return matched.kind === 'route' && operations.of(matched.route).operation.sends;
}

/** Its headers are on the reply when it calls. */
function noNext(error?: unknown): void {
  if (error) throw new DomainError('INTERNAL', { cause: error });
}

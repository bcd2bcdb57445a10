import { METHODS } from 'node:http';
import cors from '@fastify/cors';
import { context } from '@opentelemetry/api';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { traceresponse } from '#libs/telemetry';
import type { Deployments } from '../deployments/deployments.js';
import type { Handlers } from '../handlers.js';
import type { AccessLog } from '../observe/access-log.js';
import { startServerSpan } from '../observe/server-span.js';
import { match } from '../pipeline/match.js';
import { limitSize } from '../pipeline/read-body.js';
import type { Draining } from '../streams/draining.js';
import { checkProtocol } from './check-protocol.js';
import { compress } from './compress.js';
import { limitConnections } from './connection-limit.js';
import { corsOptions } from './cors.js';
import { Exchange } from './exchange.js';
import { rememberRequest } from './open-requests.js';
import { answerOwn, type OwnRoutes } from './own-routes.js';
import { isRefused } from './parser-errors.js';
import { SECURITY_HEADERS } from './security-headers.js';
import { handleServerEvents } from './server-events.js';

export interface Attachment {
  readonly deployments: Deployments;
  readonly handlers: Handlers;
  readonly accessLog: AccessLog;
  /** Endpoints that are not RPCs: health, errors, … */
  readonly own: OwnRoutes;
  readonly draining: Draining;
  readonly corsOrigins: readonly string[];
}

/** Puts the gateway on the HTTP server: one route for everything, and what belongs to every answer. */
export function attach(server: FastifyInstance, parts: Attachment): void {
  const { trustedProxies } = parts.deployments.current.config;
  handleServerEvents(server.server);
  limitConnections(server.server, {
    perAddress: () => parts.deployments.current.config.limits.connectionsPerAddress,
    proxies: trustedProxies,
  });
  server.decorateRequest('exchange');
  server.addHook('onRequest', (request, reply, done) => begin(request, reply, { parts, done }));
  server.addHook('onSend', async (_request, reply) => {
    if (parts.draining.isAnnounced) reply.header('connection', 'close');
  });
  server.addHook('onSend', compress);
  if (parts.corsOrigins.length > 0) server.register(cors, corsOptions(parts.corsOrigins));
  // Bodies are read by the pipeline, after the guards have let the request in: fastify reads none.
  for (const method of METHODS) server.addHttpMethod(method, { hasBody: false, overrideExisting: true });
  server.route({
    method: METHODS.filter((method) => method !== 'CONNECT'),
    url: '/',
    handler: (request, reply) => answer(request, reply, parts),
  });
}

function begin(
  request: FastifyRequest,
  reply: FastifyReply,
  { parts, done }: { parts: Attachment; done: () => void },
): void {
  // Its connection has had its last answer: it ends with it.
  if (isRefused(request.raw.socket)) return;
  rememberRequest(request.raw, reply.raw);
  const { span, context: ofSpan } = startServerSpan(request.raw);
  const exchange = new Exchange(request.originalUrl, parts.deployments.current, { span, context: ofSpan });
  request.exchange = exchange;
  exchange.deployment.enter();
  reply.headers(SECURITY_HEADERS);
  const response = traceresponse(ofSpan);
  if (response !== undefined) reply.header('traceresponse', response);
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) exchange.clientGone.abort();
    context.with(ofSpan, () => parts.accessLog.record(reply));
    exchange.deployment.leave();
  });
  context.with(ofSpan, done);
}

async function answer(request: FastifyRequest, reply: FastifyReply, parts: Attachment): Promise<void> {
  const { exchange, method } = request;
  const { config, operations } = exchange.deployment;
  checkProtocol(request.raw, request.originalUrl);
  limitSize(request.raw, config.limits.bodyBytes);
  const own = parts.own.at(exchange.path);
  if (own) return answerOwn(own, request, reply);
  const matched = match(exchange, method, operations);
  if (matched.kind === 'options') {
    await reply.code(204).header('allow', matched.allow).send();
    return;
  }
  if (exchange.bound) await parts.handlers.handle(exchange.bound.operation, request, reply);
}

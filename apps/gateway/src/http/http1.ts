import type { IncomingMessage, Server, ServerOptions, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { GatewayConfig } from '../gateway-config.js';
import { othersAnswered, rememberRequest } from './open-requests.js';
import { answerParserError, isRefused, refuseRest } from './parser-errors.js';
import type { RawRequest, RawResponse } from './raw.js';
import { SlowBodies } from './slow-bodies.js';
import { asksForWebSocket, responseOn, type Upgrade, upgradeOf } from './upgrade.js';

/** Answers a request; `closed` is to be called when the connection is done with the answer. */
export type Begin = (request: RawRequest, response: RawResponse, upgrade?: Upgrade) => { closed(): void };

/** How long an idle connection is kept; longer than balancers keep theirs, which would send into a closed one. */
export const KEEP_ALIVE_MS = 65_000;

/** Limits of requests and of slow clients. */
export function http1Options(
  limits: GatewayConfig['limits'],
  offersSocket: (target: string) => boolean,
): ServerOptions {
  return {
    // All others, h2c too, are passed over (RFC 9110, 7.8).
    shouldUpgradeCallback: (request) => asksForWebSocket(request) && offersSocket(request.url ?? ''),
    // Refused by checkProtocol, with a problem document.
    requireHostHeader: false,
    maxHeaderSize: limits.headerBytes,
    headersTimeout: limits.headersSeconds * 1000,
    // SlowBodies does it.
    requestTimeout: 0,
    keepAliveTimeout: KEEP_ALIVE_MS,
    connectionsCheckingInterval: 1_000,
  };
}

/** Hands the requests of HTTP/1 on, and answers what Node would answer in its own words, or not at all. */
export function serveHttp1(server: Server, begin: Begin, requestSeconds: number): void {
  const slow = new SlowBodies(server, requestSeconds * 1000);
  const take = (request: IncomingMessage, response: ServerResponse) => {
    slow.watch(request);
    answer(request, response, begin);
  };
  server.on('request', take);
  // "100 Continue" is sent when somebody is going to read the body, not before; other expectations are refused there.
  server.on('checkContinue', take);
  server.on('checkExpectation', take);
  server.on('clientError', answerParserError);
  server.on('upgrade', (request: IncomingMessage, socket: Socket, head: Buffer) => {
    void answerUpgrade(request, head, begin).catch(() => socket.destroy());
  });
  // A tunnel, which is for proxies: no resource here has this method.
  server.on('connect', (_request: IncomingMessage, socket: Socket) => {
    socket.on('error', () => socket.destroy());
    socket.resume();
    refuseRest(socket, 'METHOD_NOT_ALLOWED', { Allow: '' });
  });
}

function answer(request: IncomingMessage, response: ServerResponse, begin: Begin): void {
  const { socket } = request;
  // Its connection has had its last answer: it ends with it.
  if (isRefused(socket)) return;
  const reply = begin(request, response);
  rememberRequest(socket, response, () => reply.closed());
}

/** Node has let go of the connection: what was asked before on it is answered first. */
async function answerUpgrade(request: IncomingMessage, head: Buffer, begin: Begin): Promise<void> {
  const { socket } = request;
  socket.on('error', () => socket.destroy());
  await othersAnswered(socket);
  if (socket.destroyed || isRefused(socket)) return;
  const response = responseOn(request, socket);
  const reply = begin(request, response, upgradeOf(request, response, head));
  rememberRequest(socket, response, () => reply.closed());
}

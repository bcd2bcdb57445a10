import { type IncomingHttpHeaders, type IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import { DomainError } from '#libs/errors';
import { RefusalWithHeaders } from '../problems/failure.js';

/** Names what is spoken: one message of JSON a frame. A browser that offers a token has to offer this beside it. */
export const SUBPROTOCOL = 'gateway.v1.json';
/** A token that a browser sends as a subprotocol: it can set no header. */
const BEARER = 'bearer.';
const KEY = /^[+/0-9A-Za-z]{22}==$/;
const LINGER_MS = 1_000;

/** A request to speak WebSocket from here on (RFC 6455). */
export interface Upgrade {
  /** Answers 101. From then on there is no other answer. Undefined when the client sends no more: its connection is cut then. */
  accept(options: { maxBytes: number; headers: readonly string[] }): WebSocket | undefined;
}

/** Whether a request asks for it as the RFC has it; what does not is a request like any other (RFC 9110, 7.8). */
export function asksForWebSocket({ method, httpVersion, headers }: IncomingMessage): boolean {
  return method === 'GET' && httpVersion === '1.1' && headers.upgrade?.toLowerCase() === 'websocket';
}

/** What the handshake itself has to be. Throws BAD_REQUEST, UPGRADE_REQUIRED, ORIGIN_NOT_ALLOWED. */
export function checkHandshake(headers: IncomingHttpHeaders, origins: readonly string[]): void {
  if (headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) !== 0) {
    throw refused('A request for a WebSocket has no body.');
  }
  if (headers['sec-websocket-version'] !== '13') {
    const message = 'WebSocket is spoken in version 13 alone (RFC 6455).';
    throw new RefusalWithHeaders('UPGRADE_REQUIRED', { 'sec-websocket-version': '13', upgrade: 'websocket' }, message);
  }
  if (!KEY.test(headers['sec-websocket-key'] ?? '')) throw refused('Sec-WebSocket-Key is not 16 bytes in base64.');
  checkOrigin(headers, origins);
}

/** Pages of other origins could use what the browser knows of its user: cookies of a proxy, an address within a network. */
function checkOrigin({ origin, host }: IncomingHttpHeaders, allowed: readonly string[]): void {
  if (origin === undefined || allowed.includes('*') || allowed.includes(origin)) return;
  if (URL.canParse(origin) && new URL(origin).host === host?.toLowerCase()) return;
  throw new DomainError('ORIGIN_NOT_ALLOWED');
}

/**
 * Takes a token out of the subprotocols and puts it where all others come from. It is never told back, nor left where it
 * would be logged or passed on. Throws BAD_REQUEST.
 */
export function takeToken(headers: IncomingHttpHeaders): void {
  const offered = (headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim());
  const tokens = offered.filter((name) => name.startsWith(BEARER));
  const isOurs = offered.includes(SUBPROTOCOL);
  if (isOurs) headers['sec-websocket-protocol'] = SUBPROTOCOL;
  else delete headers['sec-websocket-protocol'];
  const [token] = tokens;
  if (token === undefined) return;
  if (tokens.length > 1 || headers.authorization !== undefined) throw refused('There is more than one access token.');
  if (!isOurs)
    throw refused(`Offer the subprotocol ${SUBPROTOCOL} beside the token: a browser wants one to be chosen.`);
  headers.authorization = `Bearer ${token.slice(BEARER.length)}`;
}

const refused = (message: string) => new DomainError('BAD_REQUEST', { message });

/** The answer to a request that Node has handed over with its socket: the connection ends with it. */
export function responseOn(request: IncomingMessage, socket: Socket): ServerResponse {
  const response = new ServerResponse(request);
  response.shouldKeepAlive = false;
  response.assignSocket(socket);
  response.once('finish', () => {
    socket.end();
    const timer = setTimeout(() => socket.destroy(), LINGER_MS).unref();
    socket.once('close', () => clearTimeout(timer)).resume();
  });
  return response;
}

/** `head`: what the client has sent behind its request. */
export function upgradeOf(request: IncomingMessage, response: ServerResponse, head: Buffer): Upgrade {
  return {
    accept: ({ maxBytes, headers }) => {
      const { socket } = request;
      response.detachSocket(socket);
      // Without compression: each connection would hold a window of it. Pings are answered where that can do no harm.
      const options = { noServer: true, clientTracking: false, perMessageDeflate: false, autoPong: false } as const;
      const server = new WebSocketServer({ ...options, maxPayload: maxBytes, handleProtocols: () => SUBPROTOCOL });
      server.on('headers', (lines) => lines.push(...headers));
      let opened: WebSocket | undefined;
      server.handleUpgrade(request, socket, head, (webSocket) => {
        opened = webSocket;
      });
      return opened;
    },
  };
}

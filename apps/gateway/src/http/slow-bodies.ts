import type { IncomingMessage, Server } from 'node:http';
import type { Socket } from 'node:net';
import { refuseRest } from './parser-errors.js';
import type { RawRequest } from './raw.js';

const SWEEP_MS = 1_000;
const long = new WeakSet<object>();

/** The request is a stream: it may take as long as its operation. */
export function mayTakeLong(request: RawRequest): void {
  long.add(request.stream ?? request);
}

/** Of a request of HTTP/1.1, or a stream of HTTP/2. */
export const isLong = (request: object): boolean => long.has(request);

/**
 * Ends connections of HTTP/1.1 whose request does not come to its end in time, as Node's `requestTimeout` would; that one knows
 * of no request that may take longer. A request is timed from the first sweep that sees it.
 */
export class SlowBodies {
  /** Requests whose body may still be coming, by their connections: the last of each. */
  private readonly open = new Map<Socket, IncomingMessage>();
  private readonly known = new WeakSet<Socket>();
  private readonly seen = new WeakMap<IncomingMessage, number>();
  private readonly timer: NodeJS.Timeout;

  constructor(
    server: Server,
    private readonly limitMs: number,
  ) {
    this.timer = setInterval(() => this.sweep(performance.now()), SWEEP_MS).unref();
    server.once('close', () => clearInterval(this.timer));
  }

  /** Called with each request. What has no body has come to its end with its headers, which Node times. */
  watch(request: IncomingMessage): void {
    const { socket, headers } = request;
    if (headers['transfer-encoding'] === undefined && Number(headers['content-length'] ?? 0) === 0) return;
    if (!this.known.has(socket)) socket.once('close', () => this.open.delete(socket));
    this.known.add(socket);
    this.open.set(socket, request);
  }

  private sweep(now: number): void {
    for (const [socket, request] of this.open) {
      if (request.complete) this.open.delete(socket);
      if (request.complete || isLong(request)) continue;
      const since = this.seen.get(request);
      if (since === undefined) this.seen.set(request, now);
      else if (now - since > this.limitMs) {
        this.open.delete(socket);
        void refuseRest(socket, 'REQUEST_TIMEOUT');
      }
    }
  }
}

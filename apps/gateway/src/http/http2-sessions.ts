import { constants, type Http2Server, type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2';
import type { GatewayConfig } from '../gateway-config.js';
import { KEEP_ALIVE_MS } from './http1.js';
import { isLong } from './slow-bodies.js';

const SWEEP_MS = 1_000;
const { NGHTTP2_STREAM_STATE_OPEN, NGHTTP2_STREAM_STATE_HALF_CLOSED_LOCAL } = constants;

/** Resets a stream: `stream.close(code)` does not while an answer is being written (Node 24). */
class TooSlow extends Error {
  override readonly name = 'TooSlow';
}

interface Session {
  /** Each with when its headers had come. */
  readonly streams: Map<ServerHttp2Stream, number>;
  /** Since when it has no stream, and how long that may last. */
  idleSince: number;
  idleMs: number;
}

/**
 * Ends what slow or idle clients keep open over HTTP/2, by the limits of HTTP/1.1, which Node knows for that alone: the time
 * to the first request, between requests, and for the body of one. What keeps a connection busy without a request, such as
 * pings or headers without end, does not count.
 */
export class Http2Sessions {
  private readonly sessions = new Map<ServerHttp2Session, Session>();
  private readonly timer: NodeJS.Timeout;

  constructor(
    server: Http2Server,
    private readonly limits: GatewayConfig['limits'],
  ) {
    server.on('session', (session) => this.add(session));
    this.timer = setInterval(() => this.sweep(performance.now()), SWEEP_MS).unref();
  }

  /** Says GOAWAY: streams that are open come to their end, others are not taken, then the connections end. */
  close(): void {
    for (const session of this.sessions.keys()) if (!session.closed) session.close();
  }

  /** Called when the server has closed. */
  end(): void {
    clearInterval(this.timer);
  }

  private add(session: ServerHttp2Session): void {
    const state: Session = {
      streams: new Map(),
      idleSince: performance.now(),
      idleMs: this.limits.headersSeconds * 1000,
    };
    this.sessions.set(session, state);
    session.once('close', () => this.sessions.delete(session));
    session.on('stream', (stream) => {
      state.streams.set(stream, performance.now());
      stream.once('close', () => {
        state.streams.delete(stream);
        state.idleSince = performance.now();
        state.idleMs = KEEP_ALIVE_MS;
      });
    });
  }

  private sweep(now: number): void {
    for (const [session, { streams, idleSince, idleMs }] of this.sessions) {
      if (streams.size === 0 && now - idleSince > idleMs) endSession(session);
      for (const [stream, since] of streams) {
        const isLate = now - since > this.limits.requestSeconds * 1000;
        if (isLate && isSending(stream) && !isLong(stream)) stream.destroy(new TooSlow());
      }
    }
  }
}

/** One that was closed before does not listen: its connection is cut. */
function endSession(session: ServerHttp2Session): void {
  if (session.closed) session.destroy();
  else session.close();
}

function isSending({ state }: ServerHttp2Stream): boolean {
  return state.state === NGHTTP2_STREAM_STATE_OPEN || state.state === NGHTTP2_STREAM_STATE_HALF_CLOSED_LOCAL;
}

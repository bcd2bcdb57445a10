import type { WatchOptions } from './operation.js';
import { NoAnswerError, ProblemError, parseProblem } from './problem.js';
import { delayMs, isPassing, pause } from './retry.js';
import { type ServerSentEvent, serverSentEvents } from './server-sent-events.js';

// The gateway sends a comment every 15 s: a connection that is silent for longer is dead.
const SILENCE_MS = 45_000;

export type Open = (sending: { headers: Record<string, string>; signal: AbortSignal }) => Promise<Response>;

/**
 * Gives the messages of a stream of events. What is lost - connection, gateway, 503 - is asked for again after the last
 * event that came, for as long as the reader wants to read; what is refused is thrown as a ProblemError.
 */
export async function* watch<T>(open: Open, options: WatchOptions & { what: string }): AsyncGenerator<T, void> {
  const stopped = new AbortController();
  const signal = options.signal ? AbortSignal.any([options.signal, stopped.signal]) : stopped.signal;
  let id = options.lastEventId;
  let attempt = 0;
  try {
    for (;;) {
      try {
        for await (const event of connection(open, { id, signal, what: options.what })) {
          if (event.event === 'end') return;
          if (event.event === 'error') throw problemIn(event.data, options.what);
          attempt = 0;
          id = event.id ?? id;
          if (event.id !== undefined) options.onEventId?.(event.id);
          yield JSON.parse(event.data) as T; // the border: it is what the protos say
        }
      } catch (error) {
        if (signal.aborted) return;
        // A stream ends with the token that it was opened with: the next one has another.
        const hasExpired = attempt === 0 && error instanceof ProblemError && error.is('UNAUTHENTICATED');
        if (!hasExpired && !isPassing(error)) throw error;
        await pause(delayMs(error, attempt), signal).catch(() => {});
      }
      if (signal.aborted) return;
      attempt++;
    }
  } finally {
    stopped.abort();
  }
}

interface Connection {
  readonly id: string | undefined;
  readonly signal: AbortSignal;
  readonly what: string;
}

/** The events of one connection. Throws a ProblemError when it is refused, a NoAnswerError when it is lost. */
async function* connection(open: Open, { id, signal, what }: Connection): AsyncGenerator<ServerSentEvent> {
  const silent = new AbortController();
  const headers = { accept: 'text/event-stream', ...(id !== undefined && { 'last-event-id': id }) };
  let timer = setTimeout(() => silent.abort(), SILENCE_MS);
  const heard = () => {
    clearTimeout(timer);
    timer = setTimeout(() => silent.abort(), SILENCE_MS);
  };
  try {
    const response = await open({ headers, signal: AbortSignal.any([signal, silent.signal]) });
    if (!response.body) return;
    yield* serverSentEvents(response.body.pipeThrough(listener(heard)));
  } catch (error) {
    throw error instanceof ProblemError ? error : new NoAnswerError(what, 'network', { cause: error });
  } finally {
    clearTimeout(timer);
  }
}

/** Tells that bytes have come, heartbeats included. */
function listener(heard: () => void): TransformStream<Uint8Array, Uint8Array> {
  return new TransformStream({
    transform(chunk, controller) {
      heard();
      controller.enqueue(chunk);
    },
  });
}

function problemIn(data: string, what: string): ProblemError {
  const unreadable = { type: 'about:blank', title: 'Error', status: 500, detail: data.slice(0, 200), code: 'INTERNAL' };
  return new ProblemError(parseProblem(data) ?? unreadable, what);
}

import type { CallOptions, Operation, WatchOptions } from './operation.js';
import { NoAnswerError, ProblemError, problemOf, traceIdOf } from './problem.js';
import { requestParts } from './request-url.js';
import { delayMs, isPassing, isRepeatable, pause } from './retry.js';
import type { Session } from './session.js';
import { watch } from './watch.js';

export type { CallOptions, Operation, WatchOptions } from './operation.js';

export interface TransportOptions {
  /** Of the gateway, e.g. https://api.example; a page of the same origin may leave it empty. */
  readonly url: string;
  /** Tries of a call that may be repeated. Default 3. */
  readonly attempts?: number;
  /** Default: that of the platform. */
  readonly fetch?: typeof fetch;
}

const TIMEOUT_MS = 30_000;

/** One try: what is sent and until when. */
interface Sending {
  readonly headers: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  /** Who was signed in when the call began: no try of it is made as somebody else. */
  readonly user: object;
  readonly onAnswer?: CallOptions['onAnswer'];
}

/** Sends operations over HTTP by fetch: tokens, idempotency keys, retries and deadlines are its business. */
export class Transport {
  private readonly url: string;

  constructor(
    private readonly options: TransportOptions,
    private readonly session: () => Session,
  ) {
    this.url = options.url.replace(/\/$/, '');
  }

  /** The answer's message. Throws a ProblemError, a NoAnswerError, or the reason of `options.signal`. */
  async call<T>(operation: Operation, request: object, options: CallOptions): Promise<T> {
    const { wait, onAnswer } = options;
    const { user } = this.session();
    const timeout = AbortSignal.timeout((options.timeoutMs ?? TIMEOUT_MS) + (wait ?? 0) * 1000);
    const signal = options.signal ? AbortSignal.any([options.signal, timeout]) : timeout;
    const key = operation.idempotencyKey ? (options.idempotencyKey ?? crypto.randomUUID()) : undefined;
    const headers = {
      ...(key !== undefined && { 'idempotency-key': key }),
      ...(wait !== undefined && { prefer: `wait=${wait}` }),
    };
    const attempts = isRepeatable(operation) ? (this.options.attempts ?? 3) : 1;
    for (let attempt = 1; ; attempt++) {
      try {
        const response = await this.send(operation, request, { headers, signal, user, onAnswer });
        return await bodyOf<T>(response, operation, signal);
      } catch (error) {
        if (signal.aborted) throw ended(operation, options.signal, error);
        if (attempt >= attempts || !isPassing(error)) throw error;
        await pause(delayMs(error, attempt), signal).catch(() => {
          throw ended(operation, options.signal, error);
        });
      }
    }
  }

  /** Messages as they come; a lost connection is taken up again after the last one. */
  watch<T>(operation: Operation, request: object, options: WatchOptions): AsyncGenerator<T, void> {
    const { user } = this.session();
    return watch<T>((sending) => this.send(operation, request, { ...sending, user }), {
      what: nameOf(operation),
      ...options,
    });
  }

  /** Asks once, and again with another token when the API refuses the one that was sent. */
  async send(operation: Operation, request: object, sending: Sending): Promise<Response> {
    const token = operation.isPublic ? undefined : await this.session().accessToken(sending.user);
    const first = await this.ask(operation, request, { ...sending, headers: withToken(sending.headers, token) });
    if (first.ok) return first;
    const refused = new ProblemError(await problemOf(first), nameOf(operation));
    if (token === undefined || first.status !== 401) throw refused;
    const other = await this.session().renew(token, sending.user);
    if (other === undefined) throw refused;
    const second = await this.ask(operation, request, { ...sending, headers: withToken(sending.headers, other) });
    if (second.ok) return second;
    throw new ProblemError(await problemOf(second), nameOf(operation));
  }

  private async ask(operation: Operation, request: object, { headers, signal, onAnswer }: Sending): Promise<Response> {
    const { target, body } = requestParts(operation, request);
    const answer = this.options.fetch ?? fetch;
    const init = {
      method: operation.method,
      headers: { ...headers, ...(body !== undefined && { 'content-type': 'application/json' }) },
      ...(body !== undefined && { body }),
      signal,
    };
    const response = await answer(this.url + target, init).catch((cause: unknown) => {
      throw signal.aborted ? cause : new NoAnswerError(nameOf(operation), 'network', { cause });
    });
    onAnswer?.({ status: response.status, headers: response.headers, traceId: traceIdOf(response) });
    return response;
  }
}

async function bodyOf<T>(response: Response, operation: Operation, signal: AbortSignal): Promise<T> {
  const text = await response.text().catch((cause: unknown) => {
    throw signal.aborted ? cause : new NoAnswerError(nameOf(operation), 'network', { cause });
  });
  // The border: what the API answers is what its protos say.
  return JSON.parse(text === '' ? '{}' : text) as T;
}

/** Why a call ended early: the caller's own reason, or the time. */
function ended(operation: Operation, caller: AbortSignal | undefined, cause: unknown): unknown {
  return caller?.aborted ? caller.reason : new NoAnswerError(nameOf(operation), 'timeout', { cause });
}

function withToken(headers: Readonly<Record<string, string>>, token: string | undefined): Record<string, string> {
  return { ...headers, ...(token !== undefined && { authorization: `Bearer ${token}` }) };
}

const nameOf = ({ method, path }: Operation) => `${method} ${path}`;

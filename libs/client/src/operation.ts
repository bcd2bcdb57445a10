/** An RPC as HTTP reaches it. */
export interface Operation {
  readonly method: string;
  /** `/v1/orders/{id}:cancel`; a variable with slashes is `{name=**}`. */
  readonly path: string;
  /** The field that is the body; `*`: all that the path leaves. */
  readonly body?: string;
  /** Needs no token. */
  readonly isPublic?: boolean;
  /** Takes effect once per Idempotency-Key. */
  readonly idempotencyKey?: boolean;
}

export interface CallOptions {
  /** Gives up when it is aborted; the call rejects with its reason. */
  readonly signal?: AbortSignal;
  /** For the call with all its tries. Default 30 s, and `wait` on top. */
  readonly timeoutMs?: number;
  /** Seconds that the API may wait for an outcome before it answers (`Prefer: wait`), at most 30. */
  readonly wait?: number;
  /** Default: a fresh one per call, kept over its tries. */
  readonly idempotencyKey?: string;
  /** Called with each answer, also with refusals: for its headers. */
  readonly onAnswer?: (answer: Answer) => void;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly traceId: string | undefined;
}

export interface WatchOptions {
  /** Ends the watch without an error. */
  readonly signal?: AbortSignal;
  /** Goes on after the event with this id. */
  readonly lastEventId?: string;
  /** Called with the id of each message before it is given, so that a program can go on there later. */
  readonly onEventId?: (id: string) => void;
}

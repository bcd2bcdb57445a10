import type { JsonValue } from '@bufbuild/protobuf';

/**
 * What a program of load gets as one line on stdin. `closed`: each connection sends as soon as it is answered. `open`: requests
 * are due at fixed instants, `rate` a second. `hold`: connections are answered once and kept until stdin closes; of
 * `hold-streams` the first part is awaited.
 */
export interface LoadJob {
  readonly mode: 'closed' | 'open' | 'hold' | 'hold-streams';
  /** host:port */
  readonly address: string;
  /** Bytes of the request, in base64. */
  readonly request: string;
  readonly status: number;
  /** Any of these is the right answer, however its JSON is written. */
  readonly answers: readonly JsonValue[];
  readonly connections: number;
  readonly rate?: number;
  readonly warmUpSeconds?: number;
  readonly seconds?: number;
}

/** What it tells, one line of JSON each. After `wrong` it ends with 1. */
export type LoadEvent =
  | { readonly event: 'begin' | 'close' | 'held' }
  | { readonly event: 'wrong'; readonly message: string }
  | ({ readonly event: 'end' } & LoadResult);

export interface LoadResult {
  /** Answers that came within the window. */
  readonly requests: number;
  readonly seconds: number;
  /** Microseconds until the answer, in an open loop from the instant a request was due. */
  readonly p50: number;
  readonly p99: number;
}

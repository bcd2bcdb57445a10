import { AsyncLocalStorage } from 'node:async_hooks';
import type { Deadline } from '@grpc/grpc-js';

/** What unary and streaming calls of grpc-js have in common. */
export interface ServerCall {
  getDeadline(): Deadline;
  getPath(): string;
  once(event: 'cancelled', listener: () => void): unknown;
}

interface CallContext {
  /** Epoch milliseconds; Infinity where the caller gave none. */
  readonly deadline: number;
  readonly signal: AbortSignal;
  readonly draining: AbortSignal | undefined;
}

const storage = new AsyncLocalStorage<CallContext>();

/** Runs a handler so that what it awaits knows the deadline and the cancellation of its gRPC call, and of its service's end. */
export function runInCall<T>(call: ServerCall, work: () => T, draining?: AbortSignal): T {
  const cancellation = new AbortController();
  call.once('cancelled', () => cancellation.abort());
  const deadline = call.getDeadline();
  const epochMs = deadline instanceof Date ? deadline.getTime() : deadline;
  return storage.run({ deadline: epochMs, signal: cancellation.signal, draining }, work);
}

/** Milliseconds that the running gRPC call may still take (its `grpc-timeout`), never below 0; undefined without limit. */
export function remainingTime(): number | undefined {
  const deadline = storage.getStore()?.deadline;
  return deadline === undefined || !Number.isFinite(deadline) ? undefined : Math.max(0, deadline - Date.now());
}

/** Aborted when the service goes down: a handler that only waits answers now, with what there is. Undefined outside a call. */
export function drainSignal(): AbortSignal | undefined {
  return storage.getStore()?.draining;
}

/** Aborted when the client of the running gRPC call gives up or its deadline passes; undefined outside a call. */
export function callSignal(): AbortSignal | undefined {
  return storage.getStore()?.signal;
}

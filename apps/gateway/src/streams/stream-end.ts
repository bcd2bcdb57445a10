import { Code } from '#libs/contracts';
import { DomainError, ERRORS } from '#libs/errors';
import type { EdgeRequest } from '../http/edge-request.js';
import { UpstreamFailure } from '../problems/failure.js';
import type { Draining } from './draining.js';

/** What ends a stream besides its service: its client, its token, the session of that, this gateway, its time. */
export class StreamEnd {
  /** Cancels the call. */
  readonly signal: AbortSignal;
  private readonly endsAt: number;
  private readonly stopWatching: (() => void) | undefined;

  /** `stop`: what else may end it. */
  constructor(
    private readonly request: EdgeRequest,
    private readonly draining: Draining,
    { timeoutMs, stop }: { timeoutMs: number; stop: readonly AbortSignal[] },
  ) {
    const { caller, clientGone } = request.exchange;
    // A stream ends when the token does that it was opened with, and when its session does.
    this.endsAt = Math.min(Date.now() + timeoutMs, caller?.expiresAt ?? Number.POSITIVE_INFINITY);
    const sessionEnd = new AbortController();
    this.stopWatching = caller?.session?.onEnd(() => sessionEnd.abort());
    this.signal = AbortSignal.any([clientGone.signal, draining.signal, sessionEnd.signal, ...stop]);
  }

  /** What is left. */
  get timeoutMs(): number {
    return this.endsAt - Date.now();
  }

  /** Why a stream has ended early, as its client is told. */
  reasonOf(error: unknown): unknown {
    const { caller } = this.request.exchange;
    const grpc = codeOf(error);
    if (grpc === Code.CANCELLED && caller?.session?.hasEnded) return new DomainError('UNAUTHENTICATED');
    if (grpc === Code.CANCELLED && this.draining.signal.aborted) return new DomainError('UPSTREAM_UNAVAILABLE');
    const hasExpired = caller?.expiresAt !== undefined && caller.expiresAt <= Date.now();
    return grpc === Code.DEADLINE_EXCEEDED && hasExpired ? new DomainError('UNAUTHENTICATED') : error;
  }

  /** When it has ended. */
  release(): void {
    this.stopWatching?.();
  }
}

function codeOf(error: unknown): Code | undefined {
  if (error instanceof UpstreamFailure) return error.received.grpc;
  return error instanceof DomainError ? ERRORS[error.code].grpc : undefined;
}

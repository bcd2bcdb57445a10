import { DomainError } from '#libs/errors';
import type { EndedSessions } from './ended-sessions.js';

const RETRY_AFTER_SECONDS = 1;

/** The session that an access token belongs to, of an issuer that tells which have ended. */
export class CallerSession {
  constructor(
    readonly id: string,
    private readonly ended: EndedSessions,
    private readonly staleAfterMs: number,
  ) {}

  get hasEnded(): boolean {
    return this.ended.has(this.id);
  }

  /** Whether {@link check} lets it pass. */
  get isOpen(): boolean {
    return !this.hasEnded && this.ended.ageMs !== Number.POSITIVE_INFINITY;
  }

  /**
   * Throws UNAUTHENTICATED once it has ended, and SESSIONS_UNKNOWN while nothing at all is known. What was known goes on
   * to hold while the feed is away.
   */
  check(): void {
    if (this.hasEnded)
      throw new DomainError('UNAUTHENTICATED', { message: 'The session of the access token has ended.' });
    if (!this.isOpen) throw unknown();
  }

  /** For what must not be done by a session that may have ended: throws SESSIONS_UNKNOWN when the feed is too old. */
  checkFresh(): void {
    if (this.ended.ageMs > this.staleAfterMs) throw unknown();
  }

  /** Calls `tell` when it ends; returns how to stop. */
  onEnd(tell: () => void): () => void {
    return this.ended.onEnd(this.id, tell);
  }
}

const unknown = () => new DomainError('SESSIONS_UNKNOWN', { retryAfterSeconds: RETRY_AFTER_SECONDS });

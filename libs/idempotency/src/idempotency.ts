import { randomUUID } from 'node:crypto';
import { Injectable, Logger } from '@nestjs/common';
import { DomainError } from '#libs/errors';
import { meter } from '#libs/telemetry';
import { type Answer, type IdempotentRequest, isKept } from './answer.js';
import { type Claim, IdempotencyKeysStore } from './idempotency-keys.store.js';
import { storedKey } from './key.js';

const claims = meter('idempotency').createCounter('idempotency.claims', {
  description: 'Requests under an idempotency key: first, replayed, in_use, reused, unavailable',
});

// A key can be freed between the attempt to claim it and the look at who has it.
const ATTEMPTS = 5;
// Most operations are answered well within a second.
const RETRY_AFTER_SECONDS = 1;

export interface Outcome {
  readonly answer: Answer;
  /** The answer is that of an earlier request: `Idempotent-Replayed: true`. */
  readonly replayed: boolean;
}

/**
 * Lets a request take effect once per (principal, method, key), in the way of Stripe and
 * draft-ietf-httpapi-idempotency-key-header: the first request works, later ones get its answer byte for byte.
 */
@Injectable()
export class Idempotency {
  private readonly log = new Logger('idempotency');

  constructor(private readonly keys: IdempotencyKeysStore) {}

  /**
   * Runs `work` if this is the first request under its key. Throws IDEMPOTENCY_KEY_IN_USE while the first one is in
   * flight, IDEMPOTENCY_KEY_REUSED for another request under the key, UPSTREAM_UNAVAILABLE when the database cannot be
   * asked: `work` never runs unprotected. What `work` throws frees the key and is thrown on.
   */
  async run(request: IdempotentRequest, work: () => Promise<Answer>): Promise<Outcome> {
    const claim = { request: { ...request, key: storedKey(request) }, id: randomUUID() };
    const earlier = await this.claim(claim).catch((error: unknown) => {
      claims.add(1, { outcome: outcomeOf(error) });
      throw error;
    });
    claims.add(1, { outcome: earlier ? 'replayed' : 'first' });
    if (earlier) return { answer: earlier, replayed: true };
    let answer: Answer;
    try {
      answer = await work();
    } catch (error) {
      await this.settle(claim, undefined);
      throw error;
    }
    await this.settle(claim, isKept(answer.status) ? answer : undefined);
    return { answer, replayed: false };
  }

  /** The stored answer; undefined when this request has the key now. */
  private async claim(claim: Claim): Promise<Answer | undefined> {
    try {
      for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
        if (await this.keys.claim(claim)) return undefined;
        const stored = await this.keys.find(claim.request);
        if (!stored) continue;
        if (Buffer.compare(stored.fingerprint, claim.request.fingerprint) !== 0) {
          throw new DomainError('IDEMPOTENCY_KEY_REUSED');
        }
        if (stored.answer) return stored.answer;
        break;
      }
    } catch (cause) {
      if (cause instanceof DomainError) throw cause;
      throw new DomainError('UPSTREAM_UNAVAILABLE', { cause, retryAfterSeconds: RETRY_AFTER_SECONDS });
    }
    throw new DomainError('IDEMPOTENCY_KEY_IN_USE', { retryAfterSeconds: RETRY_AFTER_SECONDS });
  }

  /**
   * Keeps the answer or frees the key. A failure does not change what the client is told, since the work is done: the
   * key stays in use until its lease ends, and a retry then meets what the service itself holds against doubles.
   */
  private async settle(claim: Claim, answer: Answer | undefined): Promise<void> {
    try {
      if (!answer) await this.keys.release(claim);
      else if (!(await this.keys.complete(claim, answer))) {
        this.log.warn(`${claim.request.method} took longer than its lease: its answer is not kept`);
      }
    } catch (error) {
      this.log.error(error);
    }
  }
}

function outcomeOf(error: unknown): string {
  const code = error instanceof DomainError ? error.code : undefined;
  if (code === 'IDEMPOTENCY_KEY_IN_USE') return 'in_use';
  return code === 'IDEMPOTENCY_KEY_REUSED' ? 'reused' : 'unavailable';
}

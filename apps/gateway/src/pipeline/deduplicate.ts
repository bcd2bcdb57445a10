import { Injectable, Optional } from '@nestjs/common';
import { DomainError } from '#libs/errors';
import { type Answer, Idempotency, keyFrom } from '#libs/idempotency';
import type { EdgeReply } from '../http/edge-reply.js';
import type { Operation } from '../operations/operation.js';
import { describeFailure, UpstreamFailure } from '../problems/failure.js';
import { failureAnswer } from '../problems/failure-answer.js';
import type { BoundRequest } from './bind.js';

// A claim outlives the call it protects by this much: time for the answer to be stored.
const LEASE_MARGIN_SECONDS = 5;

/** Lets an operation take effect once per Idempotency-Key, where its policy asks for that. */
@Injectable()
export class Deduplicate {
  /** Without a database there is none, and no operation with such a policy is served. */
  constructor(@Optional() private readonly idempotency?: Idempotency) {}

  /** Runs `call` with the key, or gives the answer that an earlier request under the key got. */
  async run(
    operation: Operation,
    { bound, reply }: { bound: BoundRequest; reply: EdgeReply },
    call: (key: string | undefined) => Promise<Answer>,
  ): Promise<Answer> {
    const { exchange, raw } = reply.request;
    if (!operation.idempotency || !exchange.caller) return call(undefined);
    const key = keyFrom(raw.headersDistinct['idempotency-key'] ?? []);
    if (key === undefined) {
      if (operation.idempotency.required) throw new DomainError('IDEMPOTENCY_KEY_REQUIRED');
      return call(undefined);
    }
    const request = {
      principal: exchange.caller.subject,
      method: operation.name,
      key,
      fingerprint: bound.fingerprint,
      leaseSeconds: bound.timeoutMs / 1000 + LEASE_MARGIN_SECONDS,
      ttlSeconds: operation.idempotency.ttlSeconds,
    };
    if (!this.idempotency) throw new Error(`${operation.name} takes idempotency keys, and there is no database`);
    const { answer, replayed } = await this.idempotency.run(request, () => refusalAsAnswer(() => call(key), reply));
    if (replayed) {
      exchange.replayed = true;
      reply.header('idempotent-replayed', 'true');
    }
    return answer;
  }
}

/** What a service refuses is an answer too: kept and replayed where trying again would not change it. */
async function refusalAsAnswer(call: () => Promise<Answer>, reply: EdgeReply): Promise<Answer> {
  try {
    return await call();
  } catch (error) {
    if (!(error instanceof UpstreamFailure)) throw error;
    const failure = describeFailure(error);
    if (![400, 404, 409].includes(failure.status)) throw error;
    const { exchange } = reply.request;
    exchange.failure = failure;
    return { status: failure.status, location: undefined, ...failureAnswer(failure, exchange) };
  }
}

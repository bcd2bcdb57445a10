import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { type Answer, answerNotFound, answerNotRefundable, answerRefund } from './answers.js';
import { type Behaviour, CALLS_AWAY } from './behaviours.js';
import { Book } from './book.store.js';
import { refundRefusal } from './intent.js';
import { KeyedCalls, type Outcome } from './keyed-calls.js';

export interface NewRefund {
  readonly key: string;
  readonly intentId: string;
  readonly amount: bigint;
}

/** Gives back what was captured, each refund at most once per Idempotency-Key, as the payment method makes it behave. */
@Injectable()
export class Refunds {
  constructor(
    private readonly calls: KeyedCalls,
    private readonly book: Book,
  ) {}

  async create(refund: NewRefund): Promise<{ outcome: Outcome; behaviour: Behaviour }> {
    const { key, intentId, amount } = refund;
    const behave = await this.book.refundsBehave(intentId);
    const call = { key, operation: 'refund', id: intentId, parameters: { amount: Number(amount) } };
    if (behave === 'away' && (await this.book.countCalls(key)) < CALLS_AWAY) {
      return { outcome: await this.calls.unavailable(call), behaviour: {} };
    }
    const outcome = await this.calls.once(call, () => this.giveBack(refund, behave === 'declined'));
    return { outcome, behaviour: behave === 'silent' ? { neverAnswers: true } : {} };
  }

  private async giveBack({ key, intentId, amount }: NewRefund, declined: boolean): Promise<Answer> {
    const intent = await this.book.lock(intentId);
    if (!intent) return answerNotFound(intentId);
    const refusal = refundRefusal(intent, amount);
    if (refusal) return answerNotRefundable(refusal);
    const id = `re_${randomUUID().replaceAll('-', '')}`;
    const refund = { id, intentId, amount, status: declined ? 'failed' : 'succeeded' } as const;
    await this.book.giveBack(refund, key);
    return answerRefund(refund, intent);
  }
}

import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { Answer } from './answers.js';
import * as answers from './answers.js';
import type { Behaviour } from './behaviours.js';
import { Book } from './book.store.js';
import { changeOf, type Operation } from './intent.js';
import { type Call, KeyedCalls, type Outcome } from './keyed-calls.js';

export interface NewIntent {
  readonly orderId: string;
  readonly amount: bigint;
  readonly currency: string;
}

/** Opens, confirms, captures and cancels payment intents, each at most once per Idempotency-Key. */
@Injectable()
export class PaymentIntents {
  constructor(
    private readonly calls: KeyedCalls,
    private readonly book: Book,
  ) {}

  create(call: Call, intent: NewIntent): Promise<Outcome> {
    const id = `pi_${randomUUID().replaceAll('-', '')}`;
    return this.calls.once({ ...call, operation: 'create' }, async () =>
      answers.answerIntent(await this.book.open({ id, ...intent })),
    );
  }

  confirm(call: Call, id: string, { declines, refunds }: Behaviour): Promise<Outcome> {
    return this.calls.once({ ...call, operation: 'confirm', id }, async () => {
      if (refunds) await this.book.letRefunds(id, refunds);
      return this.operate(id, 'confirm', declines === true);
    });
  }

  capture(call: Call, id: string): Promise<Outcome> {
    return this.calls.once({ ...call, operation: 'capture', id }, () => this.operate(id, 'capture'));
  }

  cancel(call: Call, id: string): Promise<Outcome> {
    return this.calls.once({ ...call, operation: 'cancel', id }, () => this.operate(id, 'cancel'));
  }

  /** Answers 503 and leaves nothing but a line in the log of calls: the key stays free for another try. */
  refuseUnavailable(call: Call, id: string): Promise<Outcome> {
    return this.calls.unavailable({ ...call, operation: 'confirm', id });
  }

  private async operate(id: string, operation: Operation, declined = false): Promise<Answer> {
    const intent = await this.book.lock(id);
    if (!intent) return answers.answerNotFound(id);
    const change = changeOf(intent, operation, declined);
    if (!change) return answers.answerUnexpectedState(intent, operation);
    const changed = await this.book.apply(intent, change);
    return declined ? answers.answerDeclined(changed) : answers.answerIntent(changed);
  }
}

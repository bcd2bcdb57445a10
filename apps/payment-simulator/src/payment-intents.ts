import { createHash, randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Database } from '#libs/database';
import type { Answer } from './answers.js';
import * as answers from './answers.js';
import { Book } from './book.store.js';
import { changeOf, type Operation } from './intent.js';

/** One call that changes the book. Its fingerprint covers the parameters, so that a key stands for one request. */
export interface Call {
  readonly key: string;
  readonly parameters: object;
}

export interface Outcome {
  readonly answer: Answer;
  /** The answer that this key was given before; nothing happened this time. */
  readonly replayed: boolean;
}

export interface NewIntent {
  readonly orderId: string;
  readonly amount: bigint;
  readonly currency: string;
}

/** Opens, confirms, captures and cancels payment intents, each at most once per Idempotency-Key. */
@Injectable()
export class PaymentIntents {
  constructor(
    private readonly database: Database,
    private readonly book: Book,
  ) {}

  create(call: Call, intent: NewIntent): Promise<Outcome> {
    const id = `pi_${randomUUID().replaceAll('-', '')}`;
    return this.once({ ...call, operation: 'create' }, async () =>
      answers.answerIntent(await this.book.open({ id, ...intent })),
    );
  }

  confirm(call: Call, id: string, declined: boolean): Promise<Outcome> {
    return this.once({ ...call, operation: 'confirm', id }, () => this.operate(id, 'confirm', declined));
  }

  capture(call: Call, id: string): Promise<Outcome> {
    return this.once({ ...call, operation: 'capture', id }, () => this.operate(id, 'capture'));
  }

  cancel(call: Call, id: string): Promise<Outcome> {
    return this.once({ ...call, operation: 'cancel', id }, () => this.operate(id, 'cancel'));
  }

  /** Answers 503 and leaves nothing but a line in the log of calls: the key stays free for another try. */
  async refuseUnavailable(call: Call, id: string): Promise<Outcome> {
    const answer = answers.answerUnavailable();
    await this.book.log({
      operation: 'confirm',
      intentId: id,
      key: call.key,
      status: answer.status,
      replayed: false,
    });
    return { answer, replayed: false };
  }

  private async operate(id: string, operation: Operation, declined = false): Promise<Answer> {
    const intent = await this.book.lock(id);
    if (!intent) return answers.answerNotFound(id);
    const change = changeOf(intent, operation, declined);
    if (!change) return answers.answerUnexpectedState(intent, operation);
    const changed = await this.book.apply(intent, change);
    return declined ? answers.answerDeclined(changed) : answers.answerIntent(changed);
  }

  /** Key, work and answer commit together: a second call under the key waits for the first and gets its answer. */
  private once(call: Call & { operation: string; id?: string }, work: () => Promise<Answer>): Promise<Outcome> {
    const { key, operation, id, parameters } = call;
    const fingerprint = createHash('sha256')
      .update(JSON.stringify([operation, id, parameters]))
      .digest('hex');
    return this.database.transaction(async () => {
      const first = await this.book.claimKey(key, fingerprint);
      const answer = first ? await work() : await this.kept(key, fingerprint);
      if (first) await this.book.keepAnswer(key, answer);
      await this.book.log({
        operation,
        intentId: id ?? idOf(answer),
        key,
        status: answer.status,
        replayed: !first,
      });
      return { answer, replayed: !first };
    });
  }

  private async kept(key: string, fingerprint: string): Promise<Answer> {
    const kept = await this.book.keptAnswer(key);
    return kept.fingerprint === fingerprint ? kept.answer : answers.answerKeyReused();
  }
}

function idOf({ body }: Answer): string | undefined {
  return 'id' in body ? String(body.id) : undefined;
}

import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Database } from '#libs/database';
import { type Answer, answerKeyReused, answerUnavailable } from './answers.js';
import { Book } from './book.store.js';

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

/** A call with its operation, and the intent that it is about where there is one already. */
type Operation = Call & { readonly operation: string; readonly id?: string };

/** Does the work of each Idempotency-Key at most once, and keeps a log of all calls. */
@Injectable()
export class KeyedCalls {
  constructor(
    private readonly database: Database,
    private readonly book: Book,
  ) {}

  /** Key, work and answer commit together: a second call under the key waits for the first and gets its answer. */
  once(call: Operation, work: () => Promise<Answer>): Promise<Outcome> {
    const { key, operation, id, parameters } = call;
    const fingerprint = createHash('sha256')
      .update(JSON.stringify([operation, id, parameters]))
      .digest('hex');
    return this.database.transaction(async () => {
      const first = await this.book.claimKey(key, fingerprint);
      const answer = first ? await work() : await this.kept(key, fingerprint);
      if (first) await this.book.keepAnswer(key, answer);
      const { status } = answer;
      await this.book.log({ operation, intentId: id ?? idOf(answer), key, status, replayed: !first });
      return { answer, replayed: !first };
    });
  }

  /** Answers 503 and leaves nothing but a line in the log of calls: the key stays free for another try. */
  async unavailable({ operation, id, key }: Operation): Promise<Outcome> {
    const answer = answerUnavailable();
    await this.book.log({ operation, intentId: id, key, status: answer.status, replayed: false });
    return { answer, replayed: false };
  }

  private async kept(key: string, fingerprint: string): Promise<Answer> {
    const kept = await this.book.keptAnswer(key);
    return kept.fingerprint === fingerprint ? kept.answer : answerKeyReused();
  }
}

function idOf({ body }: Answer): string | undefined {
  return 'id' in body ? String(body.id) : undefined;
}

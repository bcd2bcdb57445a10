import type { MessageInitShape } from '@bufbuild/protobuf';
import { timestampFromDate } from '@bufbuild/protobuf/wkt';
import { z } from 'zod';
import {
  type DeadLetterSchema,
  DeadLetters,
  type ListDeadLettersRequest,
  type ReplayDeadLettersRequest,
  type ReplayedDeadLetterSchema,
} from '#libs/contracts';
import { DomainError, toDomainError } from '#libs/errors';
import type { DeadLetter, DeadLetterOffice, DeadLetterReader } from '#libs/messaging';
import { contentOf, letterToProto } from './dead-letter.proto.js';
import type { Action, Desk, Verbs } from './desk.js';
import { numberText, pageToken, placeOf } from './page-token.js';
import { traceIdOf } from './trace-id.js';

type Letter = MessageInitShape<typeof DeadLetterSchema>;
type Progress = MessageInitShape<typeof ReplayedDeadLetterSchema>;

const Place = z.object({ number: numberText });
const DEFAULT_PAGE = 50;
const AT_ONCE = 500;

/** What operators do with messages that could not be handled. */
export class DeadLettersDesk implements Desk<typeof DeadLetters> {
  readonly service = DeadLetters;
  readonly verbs: Verbs<typeof DeadLetters> = {
    listDeadLetters: (request) => this.list(request),
    listParkedKeys: async () => ({
      parkedKeys: (await this.office.parkedKeys()).map(({ parkedAt, ...key }) => ({
        ...key,
        parkTime: timestampFromDate(parkedAt),
      })),
    }),
    getDeadLetter: ({ number }) => this.get(number),
    replayDeadLetter: ({ number }, action) => this.replay(number, action),
    replayDeadLetters: (request, action) => this.replayAll(request, action),
    discardDeadLetter: async ({ number }, action) => {
      await this.office.discard(number, () => action.record());
      return this.told(await this.office.find(number));
    },
  };

  constructor(private readonly office: DeadLetterOffice) {}

  private async list({ topic, key, settled, pageSize, pageToken: token }: ListDeadLettersRequest) {
    const limit = pageSize || DEFAULT_PAGE;
    const after = placeOf(Place, token)?.number ?? 0n;
    const letters = await this.office.list({ topic, key, settled, after, limit: limit + 1 });
    const page = letters.slice(0, limit);
    const last = page.at(-1);
    return {
      deadLetters: await Promise.all(page.map((letter) => this.told(letter))),
      nextPageToken: letters.length > limit && last ? pageToken({ number: String(last.seq) }) : '',
    };
  }

  private async get(number: bigint): Promise<Letter> {
    const letter = await this.office.find(number);
    const told = await this.told(letter);
    const message = await this.reading(letter.topic, (reader) => reader.read(letter)).catch((error: unknown) => {
      if (error instanceof DomainError && error.code === 'DEAD_LETTER_LOST') return undefined;
      throw error;
    });
    if (!message) return told;
    const content = contentOf(letter.type, message.value);
    return { ...told, traceId: traceIdOf(message.headers), ...(content ? { content } : {}) };
  }

  private async replay(number: bigint, action: Action): Promise<Letter> {
    const letter = await this.office.find(number);
    if (letter.discarded_at) throw new DomainError('DEAD_LETTER_SETTLED');
    if (letter.replayed_at) return this.told(letter);
    await this.reading(letter.topic, async (reader) =>
      this.office.replay(letter, await reader.read(letter), () => action.record()),
    );
    return this.told(await this.office.find(number));
  }

  private async *replayAll({ topic, key }: ReplayDeadLettersRequest, action: Action): AsyncIterable<Progress> {
    const letters = await this.everything({ topic, key });
    const total = letters.length;
    let done = 0;
    for (const [ofTopic, group] of Map.groupBy(inOrder(letters), (letter) => letter.topic)) {
      const reader = await this.office.open(ofTopic);
      try {
        const stopped = new Set<string>();
        for (const letter of group) {
          done += 1;
          const error = stopped.has(letter.key ?? '')
            ? 'DEAD_LETTER_NOT_FIRST: an earlier one of its key failed again'
            : await this.tryOne(letter, reader, action);
          if (error && letter.key) stopped.add(letter.key);
          const { seq: number, key: ofKey, type } = letter;
          yield { number, topic: ofTopic, key: ofKey ?? '', type: type ?? '', error, done, total };
        }
      } finally {
        await reader.close();
      }
    }
  }

  private async tryOne(letter: DeadLetter, reader: DeadLetterReader, action: Action): Promise<string> {
    try {
      await this.office.replay(letter, await reader.read(letter), () => action.record(`${letter.seq}`));
      return '';
    } catch (error) {
      const { code, message } = toDomainError(error);
      return `${code}: ${message}`;
    }
  }

  private async everything(filter: { topic: string; key: string }): Promise<DeadLetter[]> {
    const letters: DeadLetter[] = [];
    for (;;) {
      const page = await this.office.list({ ...filter, after: letters.at(-1)?.seq ?? 0n, limit: AT_ONCE });
      letters.push(...page);
      if (page.length < AT_ONCE) return letters;
    }
  }

  private async reading<T>(topic: string, work: (reader: DeadLetterReader) => Promise<T>): Promise<T> {
    const reader = await this.office.open(topic);
    try {
      return await work(reader);
    } finally {
      await reader.close();
    }
  }

  private async told(letter: DeadLetter): Promise<Letter> {
    const waiting = !letter.replayed_at && !letter.discarded_at;
    return letterToProto(letter, waiting ? await this.office.ahead(letter) : 0);
  }
}

/** By the place in their topic: the order of a key is the order of its partition, not that in which they were noted. */
function inOrder(letters: readonly DeadLetter[]): DeadLetter[] {
  return letters.toSorted((a, b) => a.partition - b.partition || Number(a.offset - b.offset));
}

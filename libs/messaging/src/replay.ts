import type { Database } from '#libs/database';
import { type Decoded, decodeMessage, type Handler } from './decode-message.js';
import type { Delivery } from './delivery.js';
import { claimParked, isProcessed } from './inbox.store.js';
import type { IncomingMessage } from './kafka/consumer.js';
import { refuseToComplete } from './message-handling.js';
import { inProcessSpan } from './process-span.js';
import type { MessagingTables } from './tables.js';

/**
 * What stands around the effect of a replayed message, in its transaction: looks whether it may have one, runs `effect`
 * (which does nothing when the inbox knows the message), and settles the dead letter.
 */
export type Settle = (effect: () => Promise<void>) => Promise<void>;

export interface ReplayParts {
  readonly consumer: string;
  readonly handlers: ReadonlyMap<string, Handler>;
  readonly database: Database<MessagingTables>;
}

/**
 * Hands a message to its handler once more, whatever is parked, in the trace it was published in. One try: rejects with
 * what the handler throws, and then nothing was written.
 */
export async function replayMessage(
  message: IncomingMessage,
  attempt: number,
  parts: ReplayParts & { settle: Settle },
) {
  const decoded = decodeMessage(message, parts.handlers);
  if (decoded instanceof Error) throw decoded;
  if (decoded === 'skipped') throw new Error(`nothing here handles ${message.headers.ce_type}`);
  await inProcessSpan(message, { ...decoded, consumer: parts.consumer, attempt }, () => {
    const replay = { ...parts, decoded, delivery: deliveryOf(message, decoded, attempt) };
    return decoded.handler.inbox === 'manual' ? replayManual(replay) : replayInTransaction(replay);
  });
}

interface Replay extends ReplayParts {
  readonly settle: Settle;
  readonly decoded: Decoded;
  readonly delivery: Omit<Delivery, 'complete'>;
}

function replayInTransaction({ database, settle, decoded, delivery, consumer }: Replay): Promise<void> {
  return database.transaction(() =>
    settle(async () => {
      if (!(await claimParked(database.db, { consumer, messageId: decoded.id }))) return;
      await decoded.handler.call(decoded.content, { ...delivery, complete: refuseToComplete });
    }),
  );
}

async function replayManual({ database, settle, decoded, delivery, consumer }: Replay): Promise<void> {
  const entry = { consumer, messageId: decoded.id };
  if (await isProcessed(database.db, entry)) return database.transaction(() => settle(async () => {}));
  let completed = false;
  const complete = async (work: () => Promise<void>): Promise<boolean> => {
    let fresh = false;
    await database.transaction(() =>
      settle(async () => {
        fresh = await claimParked(database.db, entry);
        if (fresh) await work();
      }),
    );
    completed = true;
    return fresh;
  };
  await decoded.handler.call(decoded.content, { ...delivery, complete });
  if (!completed) throw new Error(`the handler of ${decoded.type} has manual inbox and did not call delivery.complete`);
}

function deliveryOf(message: IncomingMessage, decoded: Decoded, attempt: number): Omit<Delivery, 'complete'> {
  return { id: decoded.id, type: decoded.type, time: decoded.time, attempt, headers: message.headers };
}

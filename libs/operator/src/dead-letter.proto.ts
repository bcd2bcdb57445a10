import { fromBinary, type JsonObject, type MessageInitShape } from '@bufbuild/protobuf';
import { timestampFromDate } from '@bufbuild/protobuf/wkt';
import {
  channelMessages,
  channelOf,
  DeadLetter_Reason,
  type DeadLetterSchema,
  DeadLetter_State as State,
} from '#libs/contracts';
import type { DeadLetter } from '#libs/messaging';
import { redactedJson } from './redacted.js';

type Init = MessageInitShape<typeof DeadLetterSchema>;

const REASONS = {
  failed: DeadLetter_Reason.FAILED,
  undecodable: DeadLetter_Reason.UNDECODABLE,
  parked: DeadLetter_Reason.PARKED,
} as const;

/** A dead letter as operators see it, without its content. */
export function letterToProto(letter: DeadLetter, ahead: number): Init {
  const settled = letter.replayed_at ?? letter.discarded_at;
  return {
    number: letter.seq,
    state: letter.replayed_at ? State.REPLAYED : letter.discarded_at ? State.DISCARDED : State.WAITING,
    topic: letter.topic,
    partition: letter.partition,
    offset: letter.offset,
    key: letter.key ?? '',
    messageId: letter.message_id ?? '',
    type: letter.type ?? '',
    reason: REASONS[letter.reason],
    error: letter.error ?? '',
    attempts: letter.attempts,
    ahead,
    createTime: timestampFromDate(letter.created_at),
    ...(settled ? { settleTime: timestampFromDate(settled) } : {}),
  };
}

/** Content as the contract of its type says, redacted; undefined for what cannot be decoded. */
export function contentOf(type: string | null, value: Buffer | null): JsonObject | undefined {
  const schema = channelMessages.find((message) => channelOf(message).type === type);
  if (!schema || !value) return undefined;
  try {
    return redactedJson(schema, fromBinary(schema, value));
  } catch {
    return undefined; // that it cannot be decoded is what the letter's reason says
  }
}

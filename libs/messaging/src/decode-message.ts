import { fromBinary, type Message } from '@bufbuild/protobuf';
import type { Delivery } from './delivery.js';
import { readCloudEvent } from './envelope.js';
import type { IncomingMessage } from './kafka/consumer.js';
import type { Subscription } from './on.js';

/** A handler with its decorations, as Nest hands it out: resolves when it is done, rejects with what it threw. */
export type Handler = Subscription & { readonly call: (message: Message, delivery: Delivery) => Promise<void> };

/** A message with the handler of its type. */
export interface Decoded {
  readonly handler: Handler;
  readonly content: Message;
  readonly id: string;
  readonly type: string;
  readonly time: Date;
}

/** `skipped`: nobody here handles its type. An Error says why it is no message of ours. */
export function decodeMessage(
  message: IncomingMessage,
  handlers: ReadonlyMap<string, Handler>,
): Decoded | 'skipped' | Error {
  const event = readCloudEvent(message.headers);
  if (!event || !message.value) return new Error('not a CloudEvent with content');
  const handler = handlers.get(event.type);
  if (!handler) return 'skipped';
  try {
    return { ...event, handler, content: fromBinary(handler.message, message.value) };
  } catch (error) {
    return error instanceof Error ? error : new Error('the content cannot be decoded');
  }
}

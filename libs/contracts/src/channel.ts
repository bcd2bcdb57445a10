import { type DescMessage, getOption, hasOption } from '@bufbuild/protobuf';
import { type Channel, Channel_Kind, channel } from './gen/messaging/v1/options_pb.js';
import * as inventoryCommands from './gen/store/inventory/v1/commands_pb.js';
import * as inventoryEvents from './gen/store/inventory/v1/events_pb.js';
import * as inventoryReplies from './gen/store/inventory/v1/replies_pb.js';
import * as ordersCommands from './gen/store/orders/v1/commands_pb.js';
import * as ordersEvents from './gen/store/orders/v1/events_pb.js';
import * as ordersReplies from './gen/store/orders/v1/replies_pb.js';
import * as paymentsCommands from './gen/store/payments/v1/commands_pb.js';
import * as paymentsEvents from './gen/store/payments/v1/events_pb.js';
import * as paymentsReplies from './gen/store/payments/v1/replies_pb.js';
import * as usersEvents from './gen/store/users/v1/events_pb.js';

/**
 * Where messages of this type travel, read from the `messaging.v1.channel` option.
 * Throws when the message has no such option: it was never meant for Kafka.
 */
export function channelOf(message: DescMessage): Channel {
  if (!hasOption(message, channel)) {
    throw new Error(
      `${message.typeName} has no messaging.v1.channel option: add one in its proto to send it over Kafka`,
    );
  }
  const found = getOption(message, channel);
  if (!found.topic || !found.type || found.kind === Channel_Kind.KIND_UNSPECIFIED) {
    throw new Error(`${message.typeName}: messaging.v1.channel needs kind, topic, key and type`);
  }
  if (!message.fields.some((field) => field.name === found.key)) {
    throw new Error(`${message.typeName}: messaging.v1.channel names the key "${found.key}", which is no field of it`);
  }
  if ((found.kind === Channel_Kind.COMMAND) !== found.senders.length > 0) {
    throw new Error(`${message.typeName}: messaging.v1.channel needs senders when it is a command, and only then`);
  }
  return found;
}

/** The services that may send this message. See `channelOf` for what is thrown. */
export function sendersOf(message: DescMessage): readonly string[] {
  const { kind, type, senders } = channelOf(message);
  return kind === Channel_Kind.COMMAND ? senders : [firstPart(type)];
}

/**
 * Throws when the contracts do not let the service send this message: the broker would refuse it, and everything behind
 * it in the outbox would wait. Of a service that the contracts do not know they say nothing.
 */
export function assertMaySend(service: string, message: DescMessage): void {
  const senders = sendersOf(message);
  if (!services.includes(service) || senders.includes(service)) return;
  throw new Error(`${service} may not send ${message.typeName}: by its messaging.v1.channel, ${senders.join()} may`);
}

/** Every message of the contracts that travels over Kafka. */
export const channelMessages: readonly DescMessage[] = [
  inventoryCommands,
  inventoryEvents,
  inventoryReplies,
  ordersCommands,
  ordersEvents,
  ordersReplies,
  paymentsCommands,
  paymentsEvents,
  paymentsReplies,
  usersEvents,
]
  .flatMap((file) => Object.values(file))
  .filter((value): value is DescMessage => 'kind' in value && value.kind === 'message' && hasOption(value, channel));

/** Every topic of the contracts, without dead-letter topics, sorted. */
export const topics: readonly string[] = [
  ...new Set(channelMessages.map((message) => channelOf(message).topic)),
].sort();

/** The services that have topics, sorted. */
export const services: readonly string[] = [...new Set(topics.map(ownerOf))].sort();

/** The service that a topic belongs to: it sends facts, or takes commands and replies. */
export function ownerOf(topic: string): string {
  return firstPart(topic);
}

function firstPart(name: string): string {
  return name.split('.', 1)[0] ?? name;
}

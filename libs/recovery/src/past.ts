import type { DescMessage, MessageShape } from '@bufbuild/protobuf';
import { fromBinary } from '@bufbuild/protobuf';
import { channelOf } from '#libs/contracts';
import { type IncomingMessage, type KafkaPlace, readCloudEvent, readSince } from '#libs/messaging';

/** One message of the past, as it was sent. */
export class Past {
  readonly id: string;
  readonly type: string;
  readonly time: Date;

  constructor(private readonly message: IncomingMessage) {
    const event = readCloudEvent(message.headers);
    if (!event) throw new Error(`the message ${place(message)} has no CloudEvents headers`);
    ({ id: this.id, type: this.type, time: this.time } = event);
  }

  get key(): string {
    return this.message.key?.toString() ?? '';
  }

  /** Its content, where it is a message of this kind. */
  as<D extends DescMessage>(kind: D): MessageShape<D> | undefined {
    if (channelOf(kind).type !== this.type) return undefined;
    return fromBinary(kind, this.message.value ?? new Uint8Array());
  }
}

export interface PastWanted extends KafkaPlace {
  /** As the contracts name them. */
  readonly topics: readonly string[];
  readonly topicPrefix: string;
  readonly since: Date;
}

/** The messages by their key, those of a key in order within each topic; what was sent twice is there once. */
export async function readPast({ topics, topicPrefix, ...wanted }: PastWanted): Promise<Map<string, Past[]>> {
  const seen = new Set<string>();
  const past: Past[] = [];
  await readSince({ ...wanted, topics: topics.map((topic) => topicPrefix + topic) }, (message) => {
    const one = new Past(message);
    if (!seen.has(one.id)) past.push(one);
    seen.add(one.id);
  });
  return Map.groupBy(past, ({ key }) => key);
}

const place = ({ topic, partition, offset }: IncomingMessage) => `${topic}/${partition}/${offset}`;

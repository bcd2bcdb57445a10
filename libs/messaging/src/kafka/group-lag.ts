import type { Admin } from 'kafkajs';
import { atMost } from '../at-most.js';
import { type KafkaOptions, openKafka, SILENT } from './client.js';

const LEAVE_MS = 1_000;

/** How many messages a consumer group has before it. One connection serves all readings. */
export class GroupLag {
  private admin: Promise<Admin> | undefined;

  constructor(
    private readonly options: KafkaOptions,
    readonly group: string,
    private readonly topics: readonly string[],
  ) {}

  /** Messages that the group has not committed, by topic, as the broker counts them. Rejects while Kafka is away. */
  async read(): Promise<Map<string, number>> {
    this.admin ??= this.connect();
    const opened = this.admin;
    try {
      const admin = await opened;
      const committed = await admin.fetchOffsets({ groupId: this.group, topics: [...this.topics] });
      return new Map(
        await Promise.all(
          committed.map(async ({ topic, partitions }) => [topic, await lagOf(admin, topic, partitions)] as const),
        ),
      );
    } catch (error) {
      // The next reading begins with a new connection.
      if (this.admin === opened) this.admin = undefined;
      void leave(opened);
      throw error;
    }
  }

  async close(): Promise<void> {
    if (this.admin) await atMost(LEAVE_MS, leave(this.admin));
    this.admin = undefined;
  }

  private async connect(): Promise<Admin> {
    const admin = openKafka({ ...this.options, log: SILENT }).admin({ retry: { retries: 1 } });
    await admin.connect();
    return admin;
  }
}

async function lagOf(
  admin: Admin,
  topic: string,
  committed: readonly { partition: number; offset: string }[],
): Promise<number> {
  const next = new Map(committed.map(({ partition, offset }) => [partition, offset]));
  let lag = 0n;
  for (const { partition, high, low } of await admin.fetchTopicOffsets(topic)) {
    const offset = next.get(partition) ?? '-1';
    lag += BigInt(high) - BigInt(offset === '-1' ? low : offset);
  }
  return Number(lag);
}

async function leave(admin: Promise<Admin>): Promise<void> {
  await admin.then((opened) => opened.disconnect()).catch(() => {});
}

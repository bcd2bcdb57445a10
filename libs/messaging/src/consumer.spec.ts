import { ConsumerLoop } from './consumer.js';
import type { IncomingMessage } from './kafka/consumer.js';

const logger = { log: () => {}, warn: () => {}, error: () => {} };
const PARTITION = { topic: 't', partition: 3 };

const message = (offset: bigint): IncomingMessage => ({
  ...PARTITION,
  offset,
  key: Buffer.from(String(offset)),
  value: null,
  headers: {},
});
const messages = (count: number) => Array.from({ length: count }, (_, offset) => message(BigInt(offset)));

/** The loop beside a consumer that writes down what it is told. */
function loopWith(handle: (message: IncomingMessage) => Promise<void>, lag: () => Promise<bigint> = async () => 0n) {
  const told: string[] = [];
  const fatal: Error[] = [];
  let failures = 0;
  const consumer = {
    pause: () => void told.push('pause'),
    resume: () => void told.push('resume'),
    lag,
    commit: async (offsets: readonly { offset: bigint }[]) => {
      if (failures-- > 0) throw new Error('the coordinator is away');
      told.push(`commit ${offsets.map(({ offset }) => offset).join()}`);
    },
  };
  const onFatal = (error: Error) => void fatal.push(error);
  const loop = new ConsumerLoop(consumer, { lanes: 4, stallMs: 40, handle, onFatal, logger });
  const failCommits = (count: number) => {
    failures = count;
  };
  return { loop, told, fatal, failCommits };
}

async function soon(condition: () => boolean): Promise<void> {
  for (const end = Date.now() + 2_000; !condition() && Date.now() < end; )
    await new Promise((resolve) => setTimeout(resolve, 5));
  expect(condition()).toBe(true);
}

describe('the loop of a consumer', () => {
  it('leaves messages at the broker while 500 of a partition wait, until half of them are done', async () => {
    const gate = Promise.withResolvers<void>();
    const { loop, told } = loopWith(() => gate.promise);
    loop.accept(PARTITION, messages(499));
    expect(told).toEqual([]);
    loop.accept(PARTITION, [message(499n)]);
    loop.accept(PARTITION, [message(500n)]);
    expect(told).toEqual(['pause']);
    gate.resolve();
    await soon(() => told.includes('resume'));
    expect(told).toEqual(['pause', 'resume']);
  });

  it('commits what is finished when it closes', async () => {
    const { loop, told } = loopWith(async () => {});
    loop.accept(PARTITION, messages(3));
    await new Promise((resolve) => setImmediate(resolve));
    await loop.close(1_000);
    expect(told).toEqual(['commit 3']);
  });

  it('repeats a commit that failed', async () => {
    const { loop, told, failCommits } = loopWith(async () => {});
    failCommits(1);
    loop.start();
    loop.accept(PARTITION, messages(2));
    await soon(() => told.length > 0);
    expect(told).toEqual(['commit 2']);
    await loop.close(1_000);
    expect(told).toEqual(['commit 2']);
  });

  it('commits nothing of partitions that were taken away', async () => {
    const gate = Promise.withResolvers<void>();
    const { loop, told } = loopWith(() => gate.promise);
    loop.accept(PARTITION, messages(2));
    loop.assigned();
    gate.resolve();
    await loop.close(1_000);
    expect(told).toEqual([]);
  });

  it('reports a standstill only when messages wait', async () => {
    const idle = loopWith(async () => {});
    idle.loop.start();
    const stuck = loopWith(
      () => new Promise(() => {}),
      async () => 7n,
    );
    stuck.loop.start();
    await soon(() => stuck.fatal.length > 0);
    expect(stuck.fatal[0]?.message).toMatch(/^7 messages wait/);
    expect(idle.fatal).toEqual([]);
    await Promise.all([idle.loop.close(0), stuck.loop.close(0)]);
  });

  it('takes an absent broker for no standstill', async () => {
    let asked = 0;
    const { loop, fatal } = loopWith(
      async () => {},
      async () => {
        asked += 1;
        throw new Error('connection refused');
      },
    );
    loop.start();
    await soon(() => asked > 2);
    expect(fatal).toEqual([]);
    await loop.close(0);
  });
});

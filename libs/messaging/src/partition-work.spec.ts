import type { IncomingMessage } from './kafka/consumer.js';
import { PartitionWork } from './partition-work.js';

/** Gives back control of when each message ends. */
function controlled(after: Promise<unknown> = Promise.resolve(), lanes = 8) {
  const running = new Map<bigint, () => void>();
  const begun: bigint[] = [];
  const broken: unknown[] = [];
  const work = new PartitionWork({
    lanes,
    after,
    onFinished: () => {},
    onBroken: (error) => broken.push(error),
    handle: ({ offset }) => {
      begun.push(offset);
      return new Promise((resolve) => running.set(offset, resolve));
    },
  });
  return { work, begun, broken, end: (offset: bigint) => running.get(offset)?.() };
}

const settle = () => new Promise((resolve) => setImmediate(resolve));
const message = (offset: bigint, key: string): IncomingMessage => ({
  topic: 't',
  partition: 0,
  offset,
  key: Buffer.from(key),
  value: null,
  headers: {},
});

describe('the work on a partition', () => {
  it('runs keys beside each other and each key in order', async () => {
    const { work, begun, end } = controlled();
    work.accept([message(1n, 'a'), message(2n, 'a'), message(3n, 'b')]);
    await settle();
    expect(begun).toEqual([1n, 3n]);
    end(1n);
    await settle();
    expect(begun).toEqual([1n, 3n, 2n]);
  });

  it('lets an offset be committed only when everything before it is finished', async () => {
    const { work, end } = controlled();
    work.accept([message(1n, 'a'), message(2n, 'b')]);
    await settle();
    end(2n);
    await settle();
    expect(work.uncommitted).toBeUndefined();
    end(1n);
    await settle();
    expect(work.uncommitted).toBe(3n);
    work.wasCommitted(3n);
    expect(work.uncommitted).toBeUndefined();
  });

  it('takes a message that comes in the moment a lane has ended', async () => {
    const { work, begun, end } = controlled();
    for (let offset = 1n; offset <= 50n; offset++) {
      work.accept([message(offset, 'a')]);
      for (let turn = 0; turn < 10 && begun.at(-1) !== offset; turn++) await Promise.resolve();
      end(offset);
      for (let turn = 0n; turn < offset % 7n; turn++) await Promise.resolve();
    }
    await settle();
    end(50n);
    expect(begun).toHaveLength(50);
  });

  it('starts nothing after stop, waits for what runs, and keeps its result', async () => {
    const { work, begun, end } = controlled();
    work.accept([message(1n, 'a'), message(2n, 'a')]);
    await settle();
    let stopped = false;
    const stop = work.stop().then(() => {
      stopped = true;
    });
    await settle();
    expect(stopped).toBe(false);
    end(1n);
    await stop;
    expect(begun).toEqual([1n]);
    expect(work.uncommitted).toBe(2n);
  });

  it('begins when the former work on the partition has ended', async () => {
    const former = Promise.withResolvers<void>();
    const { work, begun } = controlled(former.promise);
    work.accept([message(1n, 'a')]);
    await settle();
    expect(begun).toEqual([]);
    former.resolve();
    await settle();
    expect(begun).toEqual([1n]);
  });

  it('reports a failure of the machinery instead of going on', async () => {
    const broken: unknown[] = [];
    const work = new PartitionWork({
      lanes: 1,
      after: Promise.resolve(),
      onFinished: () => {},
      onBroken: (error) => broken.push(error),
      handle: () => Promise.reject(new Error('a bug')),
    });
    work.accept([message(1n, 'a'), message(2n, 'a')]);
    await settle();
    expect(broken).toEqual([new Error('a bug')]);
    expect(work.uncommitted).toBeUndefined();
  });
});

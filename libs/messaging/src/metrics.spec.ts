import { recordMetrics } from '#libs/testing';

const values = recordMetrics();
// Instruments are made when the file is loaded.
const { countConsumed, measured, observeLag } = await import('./metrics.js');

describe('the lag of a consumer group', () => {
  it('is asked for in the background, every 15 s at most, and forgotten after a minute without an answer', async () => {
    let time = 0;
    let asked = 0;
    let lag: Map<string, number> | undefined = new Map([['orders', 3]]);
    const read = async () => {
      asked += 1;
      if (!lag) throw new Error('Kafka is away');
      return lag;
    };
    const stop = observeLag({ group: 'payments', read }, () => time);
    expect(await values('kafka_consumer_lag')).toEqual({});
    expect(await values('kafka_consumer_lag')).toEqual({ 'payments orders': 3 });
    expect(asked).toBe(1);
    lag = new Map([['orders', 8]]);
    time = 15_000;
    await values('kafka_consumer_lag');
    expect(await values('kafka_consumer_lag')).toEqual({ 'payments orders': 8 });
    lag = undefined;
    time = 70_000;
    expect(await values('kafka_consumer_lag')).toEqual({ 'payments orders': 8 });
    time = 76_000;
    expect(await values('kafka_consumer_lag')).toEqual({});
    expect(asked).toBe(3);
    stop();
    time = 200_000;
    await values('kafka_consumer_lag');
    expect(asked).toBe(3);
  });
});

describe('messages', () => {
  it('are counted by the types that the service knows', async () => {
    countConsumed('store.orders.v1.OrderPlaced', 'processed');
    countConsumed(undefined, 'skipped');
    expect(await values('messages_consumed')).toEqual({
      'store.orders.v1.OrderPlaced processed': 1,
      'other skipped': 1,
    });
  });

  it('are measured try by try, failures among them', async () => {
    expect(await measured('Reserve', async () => 'new')).toBe('new');
    await expect(measured('Reserve', () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await values('messages_process_duration')).toEqual({
      'Reserve done': expect.objectContaining({ count: 1 }),
      'Reserve failed': expect.objectContaining({ count: 1 }),
    });
  });
});

import { join } from 'node:path';
import { Kafka as Client, logLevel } from 'kafkajs';
import { testFolder } from '#libs/testing';
import { assertPortFree, freePort, identify, type Kafka, PortInUseError, startKafka } from './index.js';

describe('an embedded Kafka broker', () => {
  let folder: string;
  let kafka: Kafka;

  beforeAll(async () => {
    folder = await testFolder();
    kafka = await startKafka({ folder });
  });

  afterAll(() => kafka.kill());

  async function topics(): Promise<string[]> {
    const admin = new Client({ brokers: [kafka.brokers], logLevel: logLevel.NOTHING }).admin();
    await admin.connect();
    try {
      return await admin.listTopics();
    } finally {
      await admin.disconnect();
    }
  }

  it('keeps what was written over a kill, and serves again within six seconds', async () => {
    const client = new Client({ brokers: [kafka.brokers], logLevel: logLevel.NOTHING });
    const admin = client.admin();
    await admin.connect();
    await admin.createTopics({ topics: [{ topic: 'kept', numPartitions: 1 }], waitForLeaders: true });
    await admin.disconnect();
    await kafka.kill();
    expect(kafka.pid).toBeUndefined();
    const started = performance.now();
    await kafka.start();
    // the promise is 6 s on a quiet machine; this one may run other tests beside
    expect(performance.now() - started).toBeLessThan(20_000);
    expect(await topics()).toContain('kept');
  });

  it('has no topic that nobody created', async () => {
    const producer = new Client({
      brokers: [kafka.brokers],
      logLevel: logLevel.NOTHING,
      retry: { retries: 0 },
    }).producer();
    await producer.connect();
    await expect(producer.send({ topic: 'mistyped', messages: [{ value: '' }] })).rejects.toThrow(
      /does not host this topic/,
    );
    await producer.disconnect();
  });

  it('tells of its death, but not of a stop that was asked for', async () => {
    const told: string[] = [];
    const died = new Promise<void>((resolve) => {
      kafka.onDeath(() => {
        told.push('died');
        resolve();
      });
    });
    await kafka.stop();
    await kafka.start();
    expect(told).toEqual([]);
    process.kill(kafka.pid ?? 0, 'SIGKILL');
    await died;
    expect(kafka.running).toBe(false);
    await kafka.start();
  });

  it('takes over from an orphan of an earlier run on the same data', async () => {
    const orphan = identify(kafka.pid ?? 0);
    const heir = await startKafka({ folder, port: kafka.port });
    expect(heir.pid).not.toBe(orphan?.pid);
    expect(orphan && identify(orphan.pid)).toBeUndefined();
    expect(await topics()).toContain('kept');
    await kafka.stop();
    kafka = heir;
  });

  it('names a busy port and who wanted it', async () => {
    const other = join(folder, 'other');
    await expect(startKafka({ folder: other, port: kafka.port })).rejects.toThrow(
      `port ${kafka.port} of 127.0.0.1 (Kafka) is in use`,
    );
    await expect(assertPortFree(kafka.port, 'me')).rejects.toBeInstanceOf(PortInUseError);
    await assertPortFree(await freePort(), 'me');
  });
});

import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Kafka, logLevel } from 'kafkajs';
import { type RunningStore, runStore, type StackDescription, testFolder, until } from '#libs/testing';
import { checkStore } from '../invariants/index.js';
import { expectStatus, Shop, textIn } from './shop.js';

describe('a store whose broker asks who comes and keeps to ACLs', () => {
  let folder: string;
  let store: RunningStore;
  let stack: StackDescription;
  let shop: Shop;

  beforeAll(async () => {
    folder = join(await testFolder(), 'store');
    store = runStore(folder, { STORE_KAFKA_IDENTITIES: 'true', LOG_LEVEL: 'debug' });
    stack = await store.ready();
    shop = new Shop(stack.gateway.url);
  }, 240_000);

  afterAll(() => store?.stop(), 100_000);

  const secrets = (): Record<string, string> => JSON.parse(readFileSync(join(folder, 'secrets.json'), 'utf8'));

  it('sells, declines, and deletes an account by all four services', async () => {
    const { token } = await shop.signUp();
    const sku = await shop.product(5);
    const states = [];
    for (const paymentMethod of ['pm_card_visa', 'pm_card_declined']) {
      const { body } = await shop.submit(token, { sku, paymentMethod });
      states.push((await shop.ended(token, textIn(body, 'id'))).state);
    }
    expect(states).toEqual(['CONFIRMED', 'REJECTED']);
    const deletion = await shop.call('DELETE', '/v1/users/me', { token });
    expectStatus(deletion, 202);
    const done = async () => {
      const { body } = await shop.call('GET', deletion.headers.get('location') ?? '');
      return body?.state === 'DONE';
    };
    await until(done, { timeout: 90_000, what: 'the deletion to end' });
  }, 120_000);

  it('has a settled account of everything that was sent', async () => {
    expect(await checkStore(stack, { patienceSeconds: 60 })).toEqual([]);
  }, 90_000);

  it('lets nobody in whom it does not know', async () => {
    const sasl = { mechanism: 'plain', username: 'users', password: 'guessed' } as const;
    const retry = { retries: 1 };
    for (const identity of [{}, { sasl }]) {
      const admin = new Kafka({
        brokers: [stack.kafka.brokers],
        ...identity,
        logLevel: logLevel.NOTHING,
        retry,
      }).admin();
      const topics = admin.connect().then(() => admin.listTopics());
      await expect(topics).rejects.toThrow(/Closed connection|SASL PLAIN authentication failed/);
      await admin.disconnect();
    }
  });

  it('does not let users publish that a payment was captured', async () => {
    const sasl = { mechanism: 'plain', username: 'users', password: secrets().kafka_users ?? '' } as const;
    const options = { brokers: [stack.kafka.brokers], sasl, logLevel: logLevel.NOTHING };
    const producer = new Kafka(options).producer();
    await producer.connect();
    const forged = producer.send({ topic: 'orders.replies.v1', messages: [{ key: 'order', value: 'captured' }] });
    await expect(forged).rejects.toMatchObject({ cause: { type: 'TOPIC_AUTHORIZATION_FAILED' } });
    await producer.disconnect();
  });

  it('ends an app with a wrong password by 78, as every wrong configuration does, and says which variables to check', async () => {
    const env = {
      PATH: process.env.PATH,
      ...{ OPS_LISTEN: '127.0.0.1:0', GRPC_LISTEN: '127.0.0.1:0', TRUSTED_CALLERS: 'gateway=http://127.0.0.1:1/jwks' },
      ...{ DATABASE_URL: stack.postgres.urls.inventory, OTEL_TRACES_EXPORTER: 'none', OTEL_METRICS_EXPORTER: 'none' },
      ...{ KAFKA_BROKERS: stack.kafka.brokers, KAFKA_USERNAME: 'inventory', KAFKA_PASSWORD: 'guessed' },
    };
    const ended = await promisify(execFile)(process.execPath, ['dist/apps/inventory/src/main.js'], { env }).catch(
      (error: { code: number; stdout: string }) => error,
    );
    expect(ended).toMatchObject({ code: 78, stdout: expect.stringContaining('password of User:inventory') });
    expect(ended.stdout).toContain('check KAFKA_USERNAME, KAFKA_PASSWORD and KAFKA_SASL_MECHANISM');
    expect(ended.stdout).not.toContain('guessed');
  });

  it('writes no password to a log', async () => {
    const passwords = Object.entries(secrets()).filter(([name]) => name.startsWith('kafka_'));
    expect(passwords).toHaveLength(5);
    for (const app of ['users', 'inventory', 'orders', 'payments']) {
      const log = readFileSync(join(folder, 'logs', `${app}.log`), 'utf8');
      expect(log.length).toBeGreaterThan(1_000);
      expect(passwords.filter(([, password]) => log.includes(password))).toEqual([]);
    }
  });
});

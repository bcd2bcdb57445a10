import { once } from 'node:events';
import { connect } from 'node:net';
import { until } from '#libs/testing';
import { EventReader } from '../test/event-reader.js';
import { TestGateway } from '../test/test-gateway.js';

const ID = '0b6f4e55-5d4c-4c5c-8a0e-1f1a5f1b9a11';

describe('a gateway that is asked to stop', () => {
  it('answers what has come in, ends streams, takes nothing more, and is done', async () => {
    const test = await TestGateway.start();
    const token = await test.token('orders:read');
    const { promise: done, resolve: finish } = Promise.withResolvers<void>();
    const { promise: arrived, resolve: arrive } = Promise.withResolvers<void>();
    test.upstream.answer('GetOrder', async () => {
      arrive();
      await done;
      return { id: ID };
    });
    test.upstream.stream('WatchOrder', (call) => call.write({ sequence: 1n }));
    const events = new EventReader(await test.fetch(`/v1/orders/${ID}:watch`, { token }));
    await events.until('id: 1');
    const lines = new EventReader(
      await test.fetch(`/v1/orders/${ID}:watch`, { token, headers: { accept: 'application/x-ndjson' } }),
    );
    await lines.until('"sequence":"1"');
    const running = test.fetch(`/v1/orders/${ID}`, { token });
    await arrived;

    const { hostname, port } = new URL(test.running.url);
    const unused = connect(Number(port), hostname);
    await once(unused, 'connect');

    const startedAt = Date.now();
    const stopped = test.running.stop();
    expect(await events.rest()).not.toContain('event: error');
    expect(await lines.rest()).toContain('{"error":{');
    const refused = () =>
      fetch(`${test.running.url}/healthz`).then(
        () => false,
        () => true,
      );
    await until(refused, { what: 'the listener to close' });
    finish();
    const response = await running;
    expect(response.status).toBe(200);
    expect(response.headers.get('connection')).toBe('close');
    await stopped;
    expect(Date.now() - startedAt).toBeLessThan(10_000);
    await test.close();
  }, 30_000);

  it('is not ready at once, and serves on until balancers have noticed, each answer the last on its connection', async () => {
    const test = await TestGateway.start({ DRAIN_NOTICE_MS: '1500' });
    test.upstream.answer('GetOrder', () => ({ id: ID }));
    const token = await test.token('orders:read');
    const ready = () => test.fetch('/readyz');
    expect((await ready()).status).toBe(200);
    const startedAt = Date.now();
    const stopped = test.running.stop();
    const during = await ready();
    expect([during.status, during.headers.get('connection')]).toEqual([503, 'close']);
    while (Date.now() - startedAt < 1_000) {
      const response = await test.fetch(`/v1/orders/${ID}`, { token });
      expect([response.status, response.headers.get('connection')]).toEqual([200, 'close']);
    }
    await stopped;
    expect(Date.now() - startedAt).toBeGreaterThanOrEqual(1_500);
    await test.close();
  }, 30_000);

  it('does not wait for the outcome of an order: it asks again for what there is', async () => {
    const test = await TestGateway.start();
    const { promise: arrived, resolve: arrive } = Promise.withResolvers<void>();
    test.upstream.answer('PlaceOrder', async ({ request, cancelled }) => {
      if (request.waitSeconds !== 0) {
        arrive();
        await cancelled;
      }
      return { id: ID, state: 1 };
    });
    const placed = test.fetch('/v1/orders', {
      method: 'POST',
      token: await test.token('orders:write'),
      headers: { 'idempotency-key': '"one"', prefer: 'wait=30' },
      body: { lines: [{ sku: 'a', quantity: 1 }], paymentMethod: 'pm_card_visa' },
    });
    await arrived;
    await test.running.stop();
    const response = await placed;
    expect([response.status, await response.json()]).toMatchObject([201, { id: ID, state: 'PENDING' }]);
    const keys = test.upstream.calls.map(({ metadata }) => metadata.get('idempotency-key')[0]);
    expect(keys).toEqual([keys[0], keys[0]]);
    await test.close();
  }, 30_000);
});

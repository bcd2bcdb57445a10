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
});

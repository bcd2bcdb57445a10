import { TestGateway } from '../../apps/gateway/test/test-gateway.js';
import { bodyCaseOf } from './bodies/body-cases.js';
import { caseOf } from './cases.js';
import { fuzz } from './fuzz.js';
import { growth } from './memory.js';
import { storeRoutes } from './requests.js';

describe('random bytes', () => {
  let test: TestGateway;
  beforeAll(async () => {
    test = await TestGateway.start();
  });
  afterAll(() => test?.close());

  it('never make the gateway fail, hang, or answer without a problem document', async () => {
    const token = await test.token(
      'orders:read orders:write users:read users:write payments:read products:write stock:write',
    );
    const options = { url: test.running.url, seed: 7, first: 0, requests: 3_000, concurrency: 32 };
    const { cases, answers, faults } = await fuzz({ ...options, token: async () => token });
    expect(
      faults.map(({ bytes, ...fault }) => ({ ...fault, bytes: bytes.toString('latin1').slice(0, 1_000) })),
    ).toEqual([]);
    expect(cases).toBe(3_000);
    // It has reached more than the parser.
    for (const status of [200, 400, 401, 404]) expect(answers.get(status) ?? 0).toBeGreaterThan(20);
    expect((await test.fetch('/healthz')).status).toBe(200);
  }, 240_000);

  it('as bodies of good requests neither', async () => {
    const token = await test.token('orders:write users:write payments:read products:write stock:write');
    const options = { url: test.running.url, seed: 7, first: 0, requests: 1_000, concurrency: 32, make: bodyCaseOf };
    const { cases, answers, faults } = await fuzz({ ...options, token: async () => token });
    expect(faults.map(({ bytes, ...fault }) => ({ ...fault, bytes: bytes.toString('latin1') }))).toEqual([]);
    expect(cases).toBe(1_000);
    for (const status of [200, 400]) expect(answers.get(status) ?? 0).toBeGreaterThan(20);
  }, 120_000);

  it('are the same for the same seed', () => {
    const routes = storeRoutes();
    const bytes = (seed: number) =>
      Array.from({ length: 50 }, (_, index) => Buffer.concat(caseOf(index, { seed, routes, token: 't' }).pieces));
    expect(bytes(3)).toEqual(bytes(3));
    expect(bytes(3)).not.toEqual(bytes(4));
  });

  it('are written to this machine only', async () => {
    const options = { seed: 1, first: 0, requests: 1, concurrency: 1, token: async () => undefined };
    await expect(fuzz({ ...options, url: 'http://shop.example' })).rejects.toThrow('not this machine');
  });
});

it('a heap that grows is told from one that is collected', () => {
  const lows = (heap: (index: number) => number) => Array.from({ length: 20 }, (_, i) => ({ heap: heap(i), rss: 0 }));
  expect(growth(lows((i) => 50 + (i % 3))).heap).toBeLessThan(2);
  expect(growth(lows((i) => 50 + i)).heap).toBeGreaterThan(5);
});

import { sql } from 'kysely';
import { Database } from '#libs/database';
import { DomainError } from '#libs/errors';
import { type TestDatabase, testDatabase } from '#libs/testing';
import { IdempotencyKeysStore } from './idempotency-keys.store.js';
import { type Answer, fingerprintOf, Idempotency, type IdempotentRequest } from './index.js';
import { storedKey } from './key.js';

const CREATED: Answer = {
  status: 201,
  contentType: 'application/json',
  location: '/v1/orders/1',
  body: Buffer.from('{"id":"1"}'),
};

describe('a request under an idempotency key', () => {
  let test: TestDatabase;
  let database: Database;
  let keys: IdempotencyKeysStore;
  let idempotency: Idempotency;
  let key = 0;

  beforeAll(async () => {
    test = await testDatabase('gateway');
    database = new Database({ url: test.url, applicationName: 'test' });
    keys = new IdempotencyKeysStore(database);
    idempotency = new Idempotency(keys);
  });
  afterAll(async () => {
    await database.close();
    await test.close();
  });
  beforeEach(() => {
    key++;
  });

  const request = (changes: Partial<IdempotentRequest> = {}): IdempotentRequest => ({
    principal: 'ada',
    method: 'store.Orders.PlaceOrder',
    key: `key-${key}`,
    fingerprint: fingerprintOf('PlaceOrder', Buffer.from('one')),
    leaseSeconds: 7,
    ttlSeconds: 86_400,
    ...changes,
  });
  /** The request as its row has it. */
  const stored = () => ({ ...request(), key: storedKey(request()) });
  const other = { fingerprint: fingerprintOf('PlaceOrder', Buffer.from('two')) };
  let runs = 0;
  const work = (answer: Answer) => async () => {
    runs++;
    return answer;
  };
  const refusal = (attempt: Promise<unknown>) =>
    attempt.then(
      () => 'no refusal',
      (error: unknown) => (error instanceof DomainError ? [error.code, error.retryAfterSeconds] : error),
    );
  const age = (column: 'lease_until' | 'expires_at') =>
    sql`UPDATE idempotency_keys SET ${sql.id(column)} = now() - interval '1 second' WHERE key = ${storedKey(request())}`.execute(
      database.db,
    );

  it('works once and is answered the same, byte for byte, ever after', async () => {
    runs = 0;
    expect(await idempotency.run(request(), work(CREATED))).toEqual({ answer: CREATED, replayed: false });
    const replay = await idempotency.run(request(), work({ ...CREATED, status: 200 }));
    expect(replay).toEqual({ answer: CREATED, replayed: true });
    expect(runs).toBe(1);
  });

  it('keeps no key as the client wrote it', async () => {
    await idempotency.run(request({ key: 'order of canary@example.com' }), work(CREATED));
    const { rows } = await sql<{ row: string }>`SELECT t::text AS row FROM idempotency_keys t`.execute(database.db);
    expect(rows.length).toBeGreaterThan(0);
    expect(JSON.stringify(rows)).not.toContain('canary');
    expect((await idempotency.run(request({ key: 'order of canary@example.com' }), work(CREATED))).replayed).toBe(true);
  });

  it('works once out of 20 at the same time', async () => {
    runs = 0;
    const { promise: done, resolve: finish } = Promise.withResolvers<Answer>();
    const slow = async () => {
      runs++;
      return done;
    };
    const attempts = Array.from({ length: 20 }, () => refusal(idempotency.run(request(), slow)));
    const first19 = await firstOf(attempts, 19);
    expect(first19).toEqual(Array(19).fill(['IDEMPOTENCY_KEY_IN_USE', 1]));
    finish(CREATED);
    expect((await Promise.all(attempts)).filter((outcome) => outcome === 'no refusal')).toHaveLength(1);
    expect(runs).toBe(1);
    expect((await idempotency.run(request(), work(CREATED))).replayed).toBe(true);
  });

  it('is refused when it is not the request that the key was used for', async () => {
    await idempotency.run(request(), work(CREATED));
    expect(await refusal(idempotency.run(request(other), work(CREATED)))).toEqual([
      'IDEMPOTENCY_KEY_REUSED',
      undefined,
    ]);
  });

  it('never meets the keys of other principals and methods', async () => {
    await idempotency.run(request(), work(CREATED));
    for (const changes of [{ principal: 'bob' }, { method: 'store.Orders.CancelOrder' }]) {
      expect((await idempotency.run(request({ ...changes, ...other }), work(CREATED))).replayed).toBe(false);
    }
  });

  it.each([400, 404, 409])('keeps an answer %i', async (status) => {
    const refused = { ...CREATED, status, location: undefined };
    await idempotency.run(request(), work(refused));
    expect(await idempotency.run(request(), work(CREATED))).toEqual({ answer: refused, replayed: true });
  });

  it.each([401, 403, 429, 499, 500, 503, 504])('frees the key after %i', async (status) => {
    await idempotency.run(request(), work({ ...CREATED, status }));
    expect((await idempotency.run(request(), work(CREATED))).replayed).toBe(false);
  });

  it('frees the key when the work throws, and throws the same', async () => {
    const error = new DomainError('UPSTREAM_UNAVAILABLE');
    await expect(idempotency.run(request(), () => Promise.reject(error))).rejects.toBe(error);
    expect((await idempotency.run(request(), work(CREATED))).replayed).toBe(false);
  });

  it('takes over from one that never came back, once its lease has ended', async () => {
    await keys.claim({ request: stored(), id: '00000000-0000-4000-8000-000000000000' });
    expect(await refusal(idempotency.run(request(), work(CREATED)))).toEqual(['IDEMPOTENCY_KEY_IN_USE', 1]);
    await age('lease_until');
    expect(await refusal(idempotency.run(request(other), work(CREATED)))).toEqual([
      'IDEMPOTENCY_KEY_REUSED',
      undefined,
    ]);
    expect((await idempotency.run(request(), work(CREATED))).replayed).toBe(false);
  });

  it('cannot write or free what another has taken over', async () => {
    const late = { request: stored(), id: '00000000-0000-4000-8000-000000000001' };
    await keys.claim(late);
    await age('lease_until');
    await idempotency.run(request(), async () => {
      expect(await keys.complete(late, { ...CREATED, status: 200 })).toBe(false);
      await keys.release(late);
      return CREATED;
    });
    expect(await idempotency.run(request(), work(CREATED))).toEqual({ answer: CREATED, replayed: true });
  });

  it('is forgotten after its time, and then removed', async () => {
    await idempotency.run(request(), work(CREATED));
    await age('expires_at');
    expect((await idempotency.run(request(other), work(CREATED))).replayed).toBe(false);
    await age('expires_at');
    expect(await keys.purge(1000)).toBe(1);
    expect(await keys.find(request())).toBeUndefined();
  });

  it('does not work without the database', async () => {
    runs = 0;
    const away = new Database({ url: 'postgres://gateway:x@127.0.0.1:1/nowhere', applicationName: 'test' });
    const unprotected = new Idempotency(new IdempotencyKeysStore(away));
    expect(await refusal(unprotected.run(request(), work(CREATED)))).toEqual(['UPSTREAM_UNAVAILABLE', 1]);
    expect(runs).toBe(0);
    await away.close();
  });
});

/** The first `count` outcomes, in the order in which they come. */
async function firstOf(attempts: Promise<unknown>[], count: number): Promise<unknown[]> {
  const outcomes: unknown[] = [];
  const { promise, resolve } = Promise.withResolvers<unknown[]>();
  for (const attempt of attempts) {
    attempt.then((outcome) => {
      if (outcomes.push(outcome) === count) resolve([...outcomes]);
    });
  }
  return promise;
}

import { sql } from 'kysely';
import { Database } from '#libs/database';
import { createLogger } from '#libs/service';
import { type TestDatabase, testDatabase, until } from '#libs/testing';
import { startSimulator } from './start-simulator.js';

type Body = Record<string, unknown> & { id: string; status: string; error: Record<string, unknown> };

describe('the simulated provider', () => {
  let database: TestDatabase;
  let book: Database;
  let url: string;
  let stop: () => Promise<void>;

  async function start(): Promise<void> {
    const log = await createLogger({ name: 'payment-simulator', level: 'silent', format: 'json' });
    const config = {
      DATABASE_URL: database.url,
      HTTP_LISTEN: { host: '127.0.0.1', port: 0 },
      LOG_LEVEL: 'silent',
      LOG_FORMAT: 'json',
      DEMO_MODE: true,
    } as const;
    const app = await startSimulator(config, log);
    url = await app.getUrl();
    stop = () => app.close();
  }

  beforeAll(async () => {
    database = await testDatabase('payment-simulator');
    book = new Database({ url: database.adminUrl, applicationName: 'test' });
    await start();
  });

  afterAll(async () => {
    await stop();
    await book.close();
    await database.close();
  });

  async function post(path: string, key: string, parameters: object = {}) {
    const response = await fetch(`${url}/v1/payment_intents${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'idempotency-key': key },
      body: JSON.stringify(parameters),
    });
    const replayed = response.headers.get('idempotent-replayed') === 'true';
    return { status: response.status, replayed, body: (await response.json()) as Body };
  }

  const open = (order: string, key = `${order}-open`) =>
    post('', key, { amount: 1999, currency: 'usd', capture_method: 'manual', metadata: { order_id: order } });

  const confirm = (id: string, key: string, paymentMethod = 'pm_card_visa') =>
    post(`/${id}/confirm`, key, { payment_method: paymentMethod });

  /** A captured intent of 1999 cents whose refunds do what the payment method says. */
  async function captured(order: string, paymentMethod = 'pm_card_visa'): Promise<string> {
    const { body: intent } = await open(order);
    await confirm(intent.id, `${order}-confirm`, paymentMethod);
    await post(`/${intent.id}/capture`, `${order}-capture`);
    return intent.id;
  }

  async function refund(intent: string, key: string, amount: unknown, signal?: AbortSignal) {
    const response = await fetch(`${url}/v1/refunds`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'idempotency-key': key },
      body: JSON.stringify({ payment_intent: intent, amount }),
      signal: signal ?? null,
    });
    const replayed = response.headers.get('idempotent-replayed') === 'true';
    return { status: response.status, replayed, body: (await response.json()) as Body };
  }

  const refunded = async (intent: string) =>
    ((await (await fetch(`${url}/v1/payment_intents/${intent}`)).json()) as Body).amount_refunded;

  async function query<T>(text: string): Promise<T[]> {
    const { rows } = await sql.raw<T>(text).execute(book.db);
    return rows;
  }

  it('is ready when its tables are there', async () => {
    const response = await fetch(`${url}/readyz`);
    expect([response.status, await response.json()]).toEqual([200, { status: 'ready', checks: { database: 'ok' } }]);
  });

  it('holds, takes and lets go', async () => {
    const { body: taken } = await open('o-taken');
    expect(taken).toMatchObject({ status: 'requires_confirmation', amount: 1999, amount_capturable: 0 });
    expect((await confirm(taken.id, 'k1')).body).toMatchObject({ status: 'requires_capture', amount_capturable: 1999 });
    expect((await post(`/${taken.id}/capture`, 'k2')).body).toMatchObject({
      status: 'succeeded',
      amount_capturable: 0,
      amount_received: 1999,
    });
    const { body: released } = await open('o-released');
    await confirm(released.id, 'k3');
    expect((await post(`/${released.id}/cancel`, 'k4')).body).toMatchObject({
      status: 'canceled',
      amount_capturable: 0,
    });
  });

  it('never confirms what was canceled, under whatever key', async () => {
    const { body: intent } = await open('o-closed');
    await post(`/${intent.id}/cancel`, 'k5');
    const late = await confirm(intent.id, 'k6');
    expect(late.status).toBe(400);
    expect(late.body.error).toMatchObject({
      code: 'payment_intent_unexpected_state',
      payment_intent: { status: 'canceled', amount_capturable: 0 },
    });
  });

  it('makes one intent of twenty calls at once under one key', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => open('o-many', 'same')));
    expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1);
    expect(answers.filter(({ replayed }) => !replayed)).toHaveLength(1);
    expect(await query("SELECT id FROM payment_simulator.intents WHERE order_id = 'o-many'")).toHaveLength(1);
  });

  it('authorizes once under one key, and shows in its book when a client uses two intents', async () => {
    const { body: first } = await open('o-twice', 'first');
    const { body: second } = await open('o-twice', 'second');
    await Promise.all([confirm(first.id, 'a'), confirm(first.id, 'a'), confirm(second.id, 'b')]);
    const search = new URLSearchParams({ query: 'metadata["order_id"]:"o-twice"' });
    const found = await (await fetch(`${url}/v1/payment_intents/search?${search}`)).json();
    expect(found).toMatchObject({ data: [{ amount_capturable: 1999 }, { amount_capturable: 1999 }] });
    expect(
      await query(`SELECT intent_id FROM payment_simulator.movements WHERE kind = 'authorization'
                   AND intent_id IN ('${first.id}', '${second.id}')`),
    ).toHaveLength(2);
  });

  it('refuses a key that was used for another request', async () => {
    const { body: intent } = await open('o-key');
    const reused = await confirm(intent.id, 'o-key-open');
    expect([reused.status, reused.body.error.type]).toEqual([400, 'idempotency_error']);
  });

  it('declines, and repeats it under the key', async () => {
    const { body: intent } = await open('o-declined');
    const declined = await confirm(intent.id, 'd1', 'pm_card_chargeDeclined');
    expect([declined.status, declined.body.error.code]).toEqual([402, 'card_declined']);
    expect(await confirm(intent.id, 'd1', 'pm_card_chargeDeclined')).toEqual({ ...declined, replayed: true });
  });

  it('is unavailable for a card each time, books nothing and keeps a log of the calls', async () => {
    const { body: intent } = await open('o-away');
    const statuses = [];
    for (let i = 0; i < 4; i++) statuses.push((await confirm(intent.id, 'u1', 'pm_card_unavailable')).status);
    expect(statuses).toEqual([503, 503, 503, 503]);
    expect(
      await query(
        `SELECT status FROM payment_simulator.calls WHERE intent_id = '${intent.id}' AND operation = 'confirm'`,
      ),
    ).toHaveLength(4);
    expect((await post(`/${intent.id}/cancel`, 'u2')).body.status).toBe('canceled');
  });

  it('books at once and answers after two seconds for a slow card', async () => {
    const { body: intent } = await open('o-slow');
    const started = performance.now();
    expect((await confirm(intent.id, 's1', 'pm_card_slow')).body.status).toBe('requires_capture');
    expect(performance.now() - started).toBeGreaterThan(1_950);
  });

  it('books and never answers, until the next try under the key, also after its own restart', async () => {
    const { body: intent } = await open('o-silent');
    const unanswered = confirm(intent.id, 't1', 'pm_card_timeoutThenSuccess').catch((error: unknown) => error);
    const bookedAs = async () => (await (await fetch(`${url}/v1/payment_intents/${intent.id}`)).json()) as Body;
    await until(async () => (await bookedAs()).status === 'requires_capture', { what: 'the booking' });
    await stop();
    expect(await unanswered).toHaveProperty('message', 'fetch failed');
    await start();
    const again = await confirm(intent.id, 't1', 'pm_card_timeoutThenSuccess');
    expect(again).toMatchObject({ status: 200, replayed: true, body: { status: 'requires_capture' } });
  });

  it.each([
    ['an unknown payment method', { payment_method: 'pm_card_4242' }, 'payment_method'],
    ['no payment method', {}, 'payment_method'],
  ])('answers 400 to %s, without repeating it', async (_, parameters, param) => {
    const { body: intent } = await open('o-unknown');
    const { status, body } = await post(`/${intent.id}/confirm`, 'x1', parameters);
    expect([status, body.error.param]).toEqual([400, param]);
    expect(JSON.stringify(body)).not.toContain('4242');
  });

  it('answers 404 for an intent that it does not have', async () => {
    expect((await post('/pi_none/capture', 'n1')).status).toBe(404);
    expect((await fetch(`${url}/v1/payment_intents/pi_none`)).status).toBe(404);
  });

  describe('giving back', () => {
    it('gives back in parts, each once under its key, and never more than was captured', async () => {
      const intent = await captured('r-parts');
      expect((await refund(intent, 'r1', 1200)).body).toMatchObject({
        object: 'refund',
        amount: 1200,
        currency: 'usd',
      });
      expect(await refund(intent, 'r1', 1200)).toMatchObject({ replayed: true, body: { status: 'succeeded' } });
      expect((await refund(intent, 'r2', 800)).body.error.code).toBe('amount_too_large');
      expect((await refund(intent, 'r3', 799)).body.status).toBe('succeeded');
      expect((await refund(intent, 'r4', 1)).body.error.code).toBe('charge_already_refunded');
      expect(await refunded(intent)).toBe(1999);
    });

    it('gives back one of twenty refunds at once that only one can be', async () => {
      const intent = await captured('r-race');
      const answers = await Promise.all(Array.from({ length: 20 }, (_, at) => refund(intent, `race-${at}`, 1999)));
      expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
      expect(await refunded(intent)).toBe(1999);
    });

    it.each([
      ['an intent that took nothing', async () => (await open('r-none')).body.id, 1, 400],
      ['an intent that it does not have', async () => 'pi_none', 1, 404],
      ['an amount of nothing', () => captured('r-zero'), 0, 400],
    ])('refuses %s', async (_, intent, amount, status) => {
      expect((await refund(await intent(), `refused ${_}`, amount)).status).toBe(status);
    });

    it('declines for good on script, and gives nothing back', async () => {
      const intent = await captured('r-declined', 'pm_card_refundDeclined');
      expect((await refund(intent, 'rd', 5)).body).toMatchObject({ status: 'failed', failure_reason: 'declined' });
      expect((await refund(intent, 'rd', 5)).replayed).toBe(true);
      expect(await refunded(intent)).toBe(0);
    });

    it('gives back without an answer on script, and answers the next try under the key', async () => {
      const intent = await captured('r-silent', 'pm_card_refundTimeoutThenSuccess');
      const first = refund(intent, 'rs', 5, AbortSignal.timeout(300));
      await expect(first).rejects.toThrow('timeout');
      expect(await refund(intent, 'rs', 5)).toMatchObject({ replayed: true, body: { status: 'succeeded' } });
      expect(await refunded(intent)).toBe(5);
    });

    it('is away for the first five calls under a key on script', async () => {
      const intent = await captured('r-away', 'pm_card_refundUnavailable');
      const statuses = [];
      for (let call = 0; call < 6; call++) statuses.push((await refund(intent, 'ra', 5)).status);
      expect(statuses).toEqual([503, 503, 503, 503, 503, 200]);
    });
  });

  it('has movements that add up to what each intent holds and has taken, and that nobody can change', async () => {
    expect(
      await query(`SELECT i.id FROM payment_simulator.intents i LEFT JOIN payment_simulator.movements m ON m.intent_id = i.id
                   GROUP BY i.id HAVING i.amount_held <> coalesce(sum(m.held), 0)
                     OR i.amount_captured <> coalesce(sum(m.captured), 0) OR i.amount_refunded <> coalesce(sum(m.refunded), 0)`),
    ).toEqual([]);
    const own = new Database({ url: database.url, applicationName: 'test' });
    await expect(sql`UPDATE movements SET held = 0`.execute(own.db)).rejects.toThrow('permission denied');
    await own.close();
  });

  it('stores no payment method', async () => {
    const dump = await query<{ text: string }>(`
      SELECT concat(k.*::text) AS text FROM payment_simulator.idempotency_keys k
      UNION ALL SELECT concat(c.*::text) FROM payment_simulator.calls c
      UNION ALL SELECT concat(i.*::text) FROM payment_simulator.intents i`);
    expect(dump.length).toBeGreaterThan(20);
    expect(dump.map(({ text }) => text).join()).not.toContain('pm_card');
  });
});

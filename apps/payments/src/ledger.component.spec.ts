import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { Database } from '#libs/database';
import { type TestDatabase, testDatabase } from '#libs/testing';
import { LedgerStore } from './ledger.store.js';
import type { PaymentsTables } from './tables.js';

const price = { currencyCode: 'USD', minorUnits: 1999n };

describe('the ledger in the database', () => {
  let test: TestDatabase;
  let database: Database<PaymentsTables>;
  let ledger: LedgerStore;

  beforeAll(async () => {
    test = await testDatabase('payments');
    database = new Database<PaymentsTables>({ url: test.url, applicationName: 'test' });
    ledger = new LedgerStore(database);
  });

  afterAll(async () => {
    await database?.close();
    await test?.close();
  });

  const post = (kind: 'HOLD' | 'RELEASE' | 'CAPTURE', orderId: string) =>
    database.transaction(() => ledger.post(kind, orderId, price));

  /** Writes an entry with these postings, past the store. */
  const write = (...postings: [account: 'provider_held' | 'customer_held', currency: string, amount: bigint][]) =>
    database.transaction(async () => {
      const id = randomUUID();
      const entry = { id, order_id: randomUUID(), kind: 'HOLD' as const, refund_id: null };
      await database.db.insertInto('ledger_transactions').values(entry).execute();
      for (const [account, currency_code, minor_units] of postings) {
        const posting = { transaction_id: id, account, currency_code, minor_units };
        await database.db.insertInto('ledger_postings').values(posting).execute();
      }
    });

  it('keeps what balances', async () => {
    const orderId = randomUUID();
    await post('HOLD', orderId);
    expect(await ledger.sums(orderId)).toEqual({ held: 1999n, captured: 0n, refunded: 0n });
    expect(await ledger.isHeld(orderId)).toBe(true);
    await post('CAPTURE', orderId);
    expect(await ledger.sums(orderId)).toEqual({ held: 0n, captured: 1999n, refunded: 0n });
    expect(await ledger.isHeld(orderId)).toBe(false);
  });

  it('refuses what is off balance, in sum or in one of the currencies', async () => {
    await expect(write(['provider_held', 'USD', 10n], ['customer_held', 'USD', -9n])).rejects.toThrow(
      'off balance by 1 USD',
    );
    await expect(write(['provider_held', 'USD', 10n], ['customer_held', 'EUR', -10n])).rejects.toThrow('off balance');
    await expect(write(['provider_held', 'USD', 10n], ['customer_held', 'USD', -10n])).resolves.toBeUndefined();
  });

  it('sums up to nothing in each currency', async () => {
    await write(['provider_held', 'USD', 10n], ['customer_held', 'USD', -10n]);
    await write(['provider_held', 'EUR', 5n], ['customer_held', 'EUR', -5n]);
    expect(await ledger.balances()).toEqual(
      expect.arrayContaining([
        { currency: 'EUR', sum: 0 },
        { currency: 'USD', sum: 0 },
      ]),
    );
  });

  it('tells by how much a ledger that was changed by hand is off', async () => {
    const owner = new pg.Client({ connectionString: test.adminUrl, options: '-c search_path=payments' });
    await owner.connect();
    await owner.query('BEGIN');
    try {
      await owner.query(
        'ALTER TABLE ledger_postings DISABLE TRIGGER USER; ALTER TABLE ledger_transactions DISABLE TRIGGER USER',
      );
      const id = randomUUID();
      await owner.query(`INSERT INTO ledger_transactions (id, order_id, kind) VALUES ($1, $1, 'HOLD')`, [id]);
      await owner.query(
        `INSERT INTO ledger_postings (transaction_id, account, currency_code, minor_units) VALUES ($1, 'sales', 'CHF', 7)`,
        [id],
      );
      await owner.query(
        'ALTER TABLE ledger_postings ENABLE TRIGGER USER; ALTER TABLE ledger_transactions ENABLE TRIGGER USER',
      );
      await owner.query('COMMIT');
    } finally {
      await owner.end();
    }
    expect(await ledger.balances()).toContainEqual({ currency: 'CHF', sum: 7 });
  });

  it('refuses an entry without postings', async () => {
    await expect(write()).rejects.toThrow('fewer than two postings');
  });

  it('refuses to capture, hold or release for an order twice', async () => {
    const orderId = randomUUID();
    await post('HOLD', orderId);
    await post('CAPTURE', orderId);
    await expect(post('CAPTURE', orderId)).rejects.toThrow('ledger_transactions_order_id_kind_key');
    await expect(post('HOLD', orderId)).rejects.toThrow('ledger_transactions_order_id_kind_key');
  });

  it('keeps several refunds of an order, and refuses to enter one of them twice', async () => {
    const orderId = randomUUID();
    const refund = (minorUnits: bigint) =>
      ({ id: randomUUID(), orderId, amount: { ...price, minorUnits }, state: 'PENDING' }) as const;
    const [first, second] = [refund(1000n), refund(999n)];
    await post('HOLD', orderId);
    await post('CAPTURE', orderId);
    for (const one of [first, second]) await database.transaction(() => ledger.postRefund(one));
    expect(await ledger.sums(orderId)).toEqual({ held: 0n, captured: 1999n, refunded: 1999n });
    const again = database.transaction(() => ledger.postRefund(first));
    await expect(again).rejects.toThrow('ledger_transactions_refund_id_key');
  });

  it.each([
    ['UPDATE', 'UPDATE ledger_postings SET minor_units = 0'],
    ['DELETE', 'DELETE FROM ledger_postings'],
    ['TRUNCATE', 'TRUNCATE ledger_postings'],
    ['UPDATE', "UPDATE ledger_transactions SET kind = 'HOLD'"],
    ['DELETE', 'DELETE FROM ledger_transactions'],
    ['TRUNCATE', 'TRUNCATE ledger_transactions CASCADE'],
  ])('has no %s, neither for the service nor for the owner', async (operation, statement) => {
    await post('HOLD', randomUUID());
    await expect(run(test.url, statement)).rejects.toThrow('permission denied');
    await expect(run(test.adminUrl, statement)).rejects.toThrow(`append-only: ${operation}`);
  });
});

async function run(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url, options: '-c search_path=payments' });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

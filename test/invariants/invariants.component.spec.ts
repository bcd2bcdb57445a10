import { randomUUID } from 'node:crypto';
import {
  plantConfirmed,
  plantIntent,
  plantPayment,
  plantProduct,
  plantRefund,
  plantRejected,
} from './planted-orders.js';
import { PlantedStore } from './planted-store.js';

let store: PlantedStore;
let sku: string;

beforeAll(async () => {
  store = await PlantedStore.open();
  sku = await plantProduct(store);
}, 120_000);

afterAll(() => store?.close());

describe('a store in order', () => {
  it('has no violations', async () => {
    await plantConfirmed(store, sku);
    await plantRejected(store, sku);
    await plantRefund(store, await plantConfirmed(store, sku));
    expect(await store.check()).toEqual([]);
  });

  it('has none when products were changed and ran low, in whatever order', async () => {
    const own = await plantProduct(store);
    await store.publish(
      'inventory.product.v1',
      own,
      'ProductUpdated',
      'StockRanLow',
      'StockAdjusted',
      'ProductUpdated',
    );
    await store.write('inventory', 'UPDATE products SET version = 3 WHERE sku = $1', own);
    await store.write(
      'inventory',
      `INSERT INTO stock_movements (sku, warehouse, kind, quantity, reason) VALUES ($1, 'main', 'adjust', 5, 'x')`,
      own,
    );
    await store.write('inventory', 'UPDATE stock SET stocked = stocked + 5 WHERE sku = $1', own);
    expect(await store.complaintsAbout(own)).toEqual([]);
  });
});

describe('a broken store is told', () => {
  const confirmed = () => plantConfirmed(store, sku);
  const rejected = () => plantRejected(store, sku);

  it.each([
    ['sold units that the log does not know', 'sold = sold + 1', 'I1 the movement log does not add up'],
    ['stocked units that nobody brought', 'stocked = stocked + 1', 'I1 the movement log does not add up'],
    ['reserved units without a reservation', 'reserved = reserved + 1', 'I2 reserved and sold units are not those'],
  ])('%s', async (_, change, complaint) => {
    const own = await plantProduct(store);
    await store.write('inventory', `UPDATE stock SET ${change} WHERE sku = $1`, own);
    expect(await store.complaintsAbout(`${own}@main`)).toContainEqual(expect.stringContaining(complaint));
  });

  it('a counter below zero', async () => {
    const own = await plantProduct(store);
    await store.write('inventory', 'ALTER TABLE stock DROP CONSTRAINT stock_available_check');
    await store.write('inventory', 'UPDATE stock SET sold = 1001 WHERE sku = $1', own);
    expect(await store.complaintsAbout(`${own}@main`)).toContain(
      'I1 the counters of a stock row do not add up, or one is negative',
    );
  });

  it.each([
    ['a line that was never taken', `DELETE FROM stock_movements WHERE order_id = $1 AND kind = 'claim'`],
    ['units that left twice', `UPDATE stock_movements SET quantity = 1 WHERE order_id = $1 AND kind = 'claim'`],
    [
      'units that left in two ways',
      `UPDATE stock_movements SET kind = 'expire' WHERE order_id = $1 AND kind = 'claim'`,
    ],
  ])('%s', async (_, change) => {
    const id = await confirmed();
    await store.write('inventory', change, id);
    expect(await store.complaintsAbout(id)).toContainEqual(expect.stringMatching(/^I3 the movements of a reservation/));
  });

  it('a confirmed order without its units', async () => {
    const [none, fewer] = [await confirmed(), await confirmed()];
    await store.write('inventory', `UPDATE reservations SET state = 'EXPIRED' WHERE order_id = $1`, none);
    await store.write('inventory', 'UPDATE reservation_lines SET quantity = 1 WHERE order_id = $1', fewer);
    const complaint = 'I3 the units of a confirmed order are not claimed exactly once';
    expect(await store.complaintsAbout(none)).toContain(complaint);
    expect(await store.complaintsAbout(fewer)).toContain(complaint);
  });

  it('a reservation that lost its lines', async () => {
    const id = await rejected();
    await store.write('inventory', 'DELETE FROM reservation_lines WHERE order_id = $1', id);
    expect(await store.complaintsAbout(id)).toContain(
      'I3 a reservation that took units has no lines, or one that took none has some',
    );
  });

  it('units and money that a rejected order keeps', async () => {
    const id = await rejected();
    await store.write('inventory', `UPDATE reservations SET state = 'HELD' WHERE order_id = $1`, id);
    await store.write('payments', `UPDATE payments SET state = 'REQUIRES_CAPTURE' WHERE order_id = $1`, id);
    await store.write('payments', `DELETE FROM ledger_transactions WHERE order_id = $1 AND kind = 'RELEASE'`, id);
    await store.write(
      'payment_simulator',
      `UPDATE intents SET status = 'requires_capture', amount_held = 200 WHERE order_id = $1`,
      id,
    );
    expect(await store.complaintsAbout(id)).toEqual(
      expect.arrayContaining([
        'I3 an order that is not confirmed keeps units',
        'I4 the payment of an order that is not confirmed goes on',
        'I4 the ledger does not net to zero for an order that is not confirmed',
        'I4 the provider keeps money of an order that is not confirmed',
      ]),
    );
  });

  it('money of a confirmed order that was not taken, by payments, ledger or provider', async () => {
    const id = await confirmed();
    await store.write('payments', 'UPDATE payments SET minor_units = 199 WHERE order_id = $1', id);
    await store.write('payments', `DELETE FROM ledger_transactions WHERE order_id = $1 AND kind = 'CAPTURE'`, id);
    await store.write('payment_simulator', 'DELETE FROM intents WHERE order_id = $1', id);
    expect(await store.complaintsAbout(id)).toEqual(
      expect.arrayContaining([
        'I4 the payment of a confirmed order did not succeed over its total',
        'I4 the ledger has not captured the total of a confirmed order',
        'I4 the provider has not captured the total of a confirmed order',
        'I4 the ledger holds or has earned something else than the payment says',
      ]),
    );
  });

  it("a provider's book that does not add up, and a decision that it does not know", async () => {
    const id = await confirmed();
    const intent = `pi_${id}`;
    await store.write('payment_simulator', 'UPDATE intents SET id = $2 WHERE order_id = $1', id, intent);
    await store.write('payments', `UPDATE payments SET pending = 'CANCEL', state = 'CANCELED' WHERE order_id = $1`, id);
    expect(await store.complaintsAbout(intent)).toContainEqual(expect.stringMatching(/^I4 the provider's movements/));
    expect(await store.complaintsAbout(id)).toContain(
      'I4 the provider has not acknowledged what was decided about a payment',
    );
  });

  it('money that was taken twice, or for no order', async () => {
    const [twice, nobody] = [await confirmed(), randomUUID()];
    await plantIntent(store, { id: twice, status: 'canceled', moves: ['authorization', 'release'] });
    await plantPayment(store, { id: nobody, state: 'SUCCEEDED', entries: ['HOLD', 'CAPTURE'] });
    expect(await store.complaintsAbout(twice)).toEqual([
      'I7 an order was authorized or captured more than once at the provider',
    ]);
    expect(await store.complaintsAbout(nobody)).toContain('I7 there is a payment without an order');
  });

  it('a ledger that is off balance, and entries that cannot follow each other', async () => {
    const [off, both] = [randomUUID(), await confirmed()];
    await store.write('payments', `INSERT INTO ledger_transactions VALUES ($1, $2, 'HOLD')`, off, randomUUID());
    await store.write(
      'payments',
      `INSERT INTO ledger_postings (transaction_id, account, currency_code, minor_units)
       VALUES ($1, 'provider_held', 'USD', 200), ($1, 'customer_held', 'USD', -199)`,
      off,
    );
    expect(await store.complaintsAbout(off)).toEqual([
      'I5 the postings of a ledger transaction do not add up to zero, or there are fewer than two',
    ]);
    await store.write('payments', `INSERT INTO ledger_transactions VALUES ($1, $2, 'RELEASE')`, randomUUID(), both);
    expect(await store.complaintsAbout(both)).toContain(
      'I5 an order was captured or released without a hold, or both, or refunded without a capture',
    );
  });

  it('an order that stays PENDING, and a saga that does not end with its order', async () => {
    const [pending, open] = [await confirmed(), await confirmed()];
    await store.write('orders', `UPDATE orders SET state = 'PENDING' WHERE id = $1`, pending);
    await store.write('orders', 'UPDATE saga_instances SET ended_at = NULL WHERE id = $1', open);
    expect(await store.complaintsAbout(pending)).toEqual(
      expect.arrayContaining([
        'I6 an accepted order does not reach its end',
        'I6 order and saga do not end together',
        expect.stringMatching(/^I10 the history is not PENDING/),
        'I9 events are not those of the committed rows in orders.order.v1',
      ]),
    );
    expect(await store.complaintsAbout(open)).toEqual(
      expect.arrayContaining([
        'I6 order and saga do not end together',
        expect.stringMatching(/^I10 the history of a saga/),
      ]),
    );
  });

  it('two orders of one key', async () => {
    const [one, other] = [await confirmed(), await confirmed()];
    await store.write('orders', 'ALTER TABLE orders DROP CONSTRAINT orders_customer_id_idempotency_key_key');
    await store.write('orders', `UPDATE orders SET idempotency_key = 'twice' WHERE id IN ($1, $2)`, one, other);
    expect(await store.complaintsAbout('twice')).toEqual(['I7 one Idempotency-Key has several orders']);
  });

  it('an answer that is replayed for an order that does not exist', async () => {
    const [there, missing] = [await confirmed(), randomUUID()];
    for (const id of [there, missing]) {
      await store.write(
        'gateway',
        `INSERT INTO idempotency_keys (principal, method, key, fingerprint, claim, lease_until, expires_at, status,
           content_type, location, body)
         VALUES ('c', 'store.orders.v1.Orders.PlaceOrder', $1, '', gen_random_uuid(), now(), now(), 201, 'x', $2, '')`,
        ...[`key of ${id}`, `/v1/orders/${id}`],
      );
    }
    expect(await store.complaintsAbout(`key of ${there}`)).toEqual([]);
    expect(await store.complaintsAbout(`key of ${missing}`)).toEqual([
      'I7 an accepted order that an Idempotency-Key replays does not exist',
    ]);
  });

  it('a history that goes on after the end', async () => {
    const id = await confirmed();
    await store.write(
      'orders',
      `INSERT INTO order_history (order_id, sequence, state, cause, at) VALUES ($1, 3, 'REJECTED', 'x', now())`,
      id,
    );
    expect(await store.complaintsAbout(id)).toEqual([expect.stringMatching(/^I10 the history is not PENDING/)]);
  });

  it('a message that was never sent, one that was put aside, and a key that stands still', async () => {
    const id = randomUUID();
    await store.write(
      'inventory',
      `INSERT INTO outbox (id, aggregatetype, aggregateid, type, payload, headers, shard)
       VALUES ($1, 't', 'k', 'x', '', '{}', 0)`,
      id,
    );
    await store.write(
      'payments',
      `INSERT INTO dead_letters (consumer, topic, partition, "offset", message_id, reason, attempts,
         dead_letter_partition, dead_letter_offset) VALUES ('payments', 't', 0, 0, $1, 'failed', 5, 0, 0)`,
      id,
    );
    await store.write('orders', `INSERT INTO parked_keys (consumer, topic, key) VALUES ('orders', 't', $1)`, id);
    expect((await store.complaintsAbout(id)).sort()).toEqual([
      'I12 a message was put aside, and its effect is missing',
      'I12 messages of a key are not handled any more',
      'I8 a message waits in the outbox',
    ]);
  });

  it('an event without a row, a row without its event, and events out of order', async () => {
    const [nobody, twice] = [randomUUID(), await confirmed()];
    const [silent, turned] = [
      await plantConfirmed(store, sku, []),
      await plantConfirmed(store, sku, ['OrderConfirmed', 'OrderPlaced']),
    ];
    await store.publish('orders.order.v1', nobody, 'OrderPlaced');
    await store.publish('orders.order.v1', twice, 'OrderConfirmed');
    expect(await store.complaintsAbout(nobody)).toEqual(['I9 events without a committed row in orders.order.v1']);
    const complaint = 'I9 events are not those of the committed rows in orders.order.v1';
    expect(await store.complaintsAbout(twice)).toEqual([complaint]);
    expect(await store.complaintsAbout(silent)).toEqual([complaint]);
    expect(await store.complaintsAbout(turned)).toEqual(['I8 events are out of order in orders.order.v1']);
    const changed = await plantProduct(store);
    await store.write('inventory', 'UPDATE products SET version = 2 WHERE sku = $1', changed);
    expect(await store.complaintsAbout(changed)).toEqual([
      'I9 events are not those of the committed rows in inventory.product.v1',
    ]);
  });

  it('a reservation that outlives its time', async () => {
    const id = await confirmed();
    await store.write(
      'inventory',
      `UPDATE reservations SET state = 'ACTIVE', expire_time = now() - interval '1 minute' WHERE order_id = $1`,
      id,
    );
    expect(await store.complaintsAbout(id)).toContain('I11 a reservation outlives its time');
  });
});

describe('what is on its way', () => {
  it('is told as long as it has not arrived, and not once it has', async () => {
    const id = await plantConfirmed(store, sku);
    const claimed = (quantity: number) =>
      store.write('inventory', 'UPDATE reservation_lines SET quantity = $1 WHERE order_id = $2', quantity, id);
    await claimed(1);
    const complaint = 'I3 the units of a confirmed order are not claimed exactly once';
    expect(await store.complaintsAbout(id)).toContain(complaint);
    const checked = store.check({ patienceSeconds: 3 });
    await claimed(2);
    const about = (await checked).filter((one) => one.subject === id);
    expect(about.map(({ invariant, what }) => `${invariant} ${what}`)).not.toContain(complaint);
  });
});

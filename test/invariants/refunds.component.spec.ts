import { randomUUID } from 'node:crypto';
import { plantConfirmed, plantProduct, plantRefund, plantRejected } from './planted-orders.js';
import { PlantedStore } from './planted-store.js';

let store: PlantedStore;
let sku: string;

beforeAll(async () => {
  store = await PlantedStore.open();
  sku = await plantProduct(store);
}, 120_000);

afterAll(() => store?.close());

describe('a broken refund is told:', () => {
  const refunded = async () => {
    const order = await plantConfirmed(store, sku);
    return { order, id: await plantRefund(store, order) };
  };
  const disagree = 'I4 order, ledger and provider do not agree on what went back';

  it('one that only the provider has given back', async () => {
    const { order, id } = await refunded();
    await store.write('orders', 'DELETE FROM refunds WHERE id = $1', id);
    await store.write('payments', 'DELETE FROM refunds WHERE id = $1', id);
    expect(await store.complaintsAbout(id)).toEqual(
      expect.arrayContaining([
        'I4 money went back, or was to, for a refund that orders does not know',
        'I4 the ledger has not exactly one entry of its amount for a refund that succeeded, or has one for another',
        'I6 refund and saga do not end together',
      ]),
    );
    expect(await store.complaintsAbout(order)).toEqual(
      expect.arrayContaining([
        disagree,
        'I4 the refunds of an order are not those that it has counted',
        'I4 a payment has given back something else than its refunds, or more than was captured',
        'I9 events are not those of the committed rows in orders.order.v1',
        'I9 events are not those of the committed rows in payments.payment.v1',
      ]),
    );
  });

  it('one that the provider has not given back, or declined', async () => {
    const [never, declined] = [await refunded(), await refunded()];
    await store.write('payment_simulator', `DELETE FROM refunds WHERE idempotency_key = $1`, `refund-${never.id}`);
    await store.write(
      'payment_simulator',
      `UPDATE refunds SET status = 'failed' WHERE idempotency_key = $1`,
      `refund-${declined.id}`,
    );
    for (const { id } of [never, declined]) {
      expect(await store.complaintsAbout(id)).toEqual(['I4 the provider tells another end of a refund than orders']);
    }
  });

  it('one that orders and payments end in different ways', async () => {
    const { order, id } = await refunded();
    await store.write('payments', `UPDATE refunds SET state = 'REJECTED', rejection = 'DECLINED' WHERE id = $1`, id);
    expect(await store.complaintsAbout(id)).toContain('I4 orders and payments tell another end of a refund');
    expect(await store.complaintsAbout(order)).toContain(
      'I4 a payment has given back something else than its refunds, or more than was captured',
    );
  });

  it('one that is of another amount in one of the books', async () => {
    const { order, id } = await refunded();
    await store.write('orders', 'UPDATE refunds SET minor_units = 149 WHERE id = $1', id);
    expect(await store.complaintsAbout(id)).toEqual(['I4 the books of a refund name different amounts or orders']);
    expect(await store.complaintsAbout(order)).toEqual([disagree]);
  });

  it('one that was entered into the ledger twice, or never', async () => {
    const [twice, never] = [await refunded(), await refunded()];
    await store.write('payments', 'ALTER TABLE ledger_transactions DROP CONSTRAINT ledger_transactions_refund_id_key');
    await store.write(
      'payments',
      `INSERT INTO ledger_transactions VALUES ($1, $2, 'REFUND', now(), $3)`,
      ...[randomUUID(), twice.order, twice.id],
    );
    await store.write('payments', 'DELETE FROM ledger_transactions WHERE refund_id = $1', never.id);
    const complaint =
      'I4 the ledger has not exactly one entry of its amount for a refund that succeeded, or has one for another';
    for (const { id } of [twice, never]) expect(await store.complaintsAbout(id)).toContain(complaint);
    expect(await store.complaintsAbout(never.order)).toContain(disagree);
  });

  it('more than the total, by orders or by the provider', async () => {
    const { order } = await refunded();
    await store.write('orders', 'UPDATE refunds SET minor_units = 201 WHERE order_id = $1', order);
    expect(await store.complaintsAbout(order)).toContain(
      'I4 an order gives back more than its total, or gives back without being confirmed',
    );
    const intent = await store.only('payment_simulator', 'SELECT id FROM intents WHERE order_id = $1', order);
    await store.write('payment_simulator', 'ALTER TABLE intents DROP CONSTRAINT IF EXISTS intents_refunded');
    await store.write('payment_simulator', 'UPDATE intents SET amount_refunded = 201 WHERE id = $1', intent);
    expect(await store.complaintsAbout(intent)).toEqual([
      expect.stringMatching(/^I4 the provider's movements do not add up/),
      "I4 the provider's refunds do not add up to what an intent has given back",
    ]);
  });

  it('one of an order that is not confirmed', async () => {
    const order = await plantRejected(store, sku);
    await store.write('payments', 'ALTER TABLE payments DROP CONSTRAINT payments_refunded');
    await store.write('payment_simulator', 'ALTER TABLE intents DROP CONSTRAINT IF EXISTS intents_refunded');
    await plantRefund(store, order);
    expect(await store.complaintsAbout(order)).toEqual(
      expect.arrayContaining([
        'I4 an order gives back more than its total, or gives back without being confirmed',
        'I4 the ledger does not net to zero for an order that is not confirmed',
        'I4 the provider keeps money of an order that is not confirmed',
        'I5 an order was captured or released without a hold, or both, or refunded without a capture',
      ]),
    );
  });

  it('one that stays PENDING, and a saga that does not end with it', async () => {
    const [pending, open] = [await refunded(), await refunded()];
    await store.write('orders', `UPDATE refunds SET state = 'PENDING' WHERE id = $1`, pending.id);
    await store.write('orders', 'UPDATE saga_instances SET ended_at = NULL WHERE id = $1', open.id);
    expect(await store.complaintsAbout(pending.id)).toEqual(
      expect.arrayContaining(['I6 a refund does not reach its end', 'I6 refund and saga do not end together']),
    );
    expect(await store.complaintsAbout(open.id)).toContain('I6 refund and saga do not end together');
  });
});

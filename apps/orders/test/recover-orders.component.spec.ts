import { randomUUID } from 'node:crypto';
import { create, type DescMessage, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import pg from 'pg';
import {
  CapturePaymentSchema,
  channelOf,
  OrderCancelledSchema,
  OrderConfirmedSchema,
  OrderPlacedSchema,
  RefundPaymentSchema,
  ReleaseStockSchema,
  ReserveStockSchema,
} from '#libs/contracts';
import { Database } from '#libs/database';
import { Past } from '#libs/recovery';
import { testDatabase } from '#libs/testing';
import { orderRules } from '../../../test/invariants/orders.js';
import { checkRules } from '../../../test/invariants/rule.js';
import { RecoverOrders } from '../src/recover/recover-orders.js';

describe('orders whose database was restored', () => {
  let database: Database;
  let admin: pg.Client;
  let recovery: RecoverOrders;

  beforeAll(async () => {
    const { url, adminUrl } = await testDatabase('orders');
    database = new Database({ url, applicationName: 'orders' });
    admin = new pg.Client({ connectionString: adminUrl, options: '-c search_path=orders' });
    await admin.connect();
    recovery = new RecoverOrders(database, { deadlineSeconds: 300, reservationTtlSeconds: 600 });
  });

  afterAll(async () => {
    await database?.close();
    await admin?.end();
  });

  it('has an order again that was placed and confirmed, and a second look changes nothing', async () => {
    const id = randomUUID();
    const past = [placed(id), message(OrderConfirmedSchema, { orderId: id })];
    expect(await recover(id, past)).toMatchObject({ placed: 1, ended: 1 });
    expect(await orderOf(id)).toMatchObject({
      state: 'CONFIRMED',
      total_minor_units: '900',
      saga: { phase: 'completed' },
    });
    expect(await recover(id, past)).toEqual({ placed: 0, ended: 0, moved: 0, refunds: 0 });
    expect(await broken(id)).toEqual([]);
  });

  it('ends an order that is PENDING in the backup as it had ended', async () => {
    const id = randomUUID();
    await recover(id, [placed(id)]);
    await recover(id, [message(OrderCancelledSchema, { orderId: id })]);
    expect(await orderOf(id)).toMatchObject({
      state: 'CANCELLED',
      saga: { phase: 'compensated', cause: { kind: 'cancelled' } },
    });
    expect(await broken(id)).toEqual([]);
  });

  it('lets an open order stand at the furthest command that it sent, and never goes back from there', async () => {
    const id = randomUUID();
    await recover(id, [
      placed(id),
      message(ReserveStockSchema, { orderId: id }),
      message(CapturePaymentSchema, { orderId: id }),
    ]);
    expect((await orderOf(id)).saga).toEqual({ phase: 'running', step: 'capture payment' });
    await recover(id, [message(ReserveStockSchema, { orderId: id })]);
    expect((await orderOf(id)).saga).toEqual({ phase: 'running', step: 'capture payment' });
  });

  it('lets an order that had turned back go on with that', async () => {
    const id = randomUUID();
    await recover(id, [
      placed(id),
      message(ReserveStockSchema, { orderId: id }),
      message(ReleaseStockSchema, { orderId: id }),
    ]);
    expect((await orderOf(id)).saga).toMatchObject({ phase: 'compensating', undoing: ['inventory.ReleaseStock.v1'] });
  });

  it('has the refunds again that were asked of payments, open until the answer comes once more', async () => {
    const id = randomUUID();
    const amount = { currencyCode: 'USD', minorUnits: 400n };
    const refunds = [1, 2].map(() => message(RefundPaymentSchema, { orderId: id, refundId: randomUUID(), amount }));
    const counts = await recover(id, [placed(id), message(OrderConfirmedSchema, { orderId: id }), ...refunds]);
    expect(counts.refunds).toBe(2);
    const { rows } = await admin.query(
      'SELECT number, state, requested_by FROM refunds WHERE order_id = $1 ORDER BY number',
      [id],
    );
    expect(rows).toEqual([1, 2].map((number) => ({ number, state: 'PENDING', requested_by: 'recovery' })));
    expect(await broken(id)).toEqual([]);
  });

  it('leaves alone what is about no order that it knows', async () => {
    const id = randomUUID();
    expect(await recover(id, [message(ReserveStockSchema, { orderId: id })])).toMatchObject({ placed: 0, moved: 0 });
  });

  const recover = (id: string, messages: Past[]) =>
    recovery.run({ past: async () => new Map([[id, messages]]), say: () => {} });

  async function orderOf(id: string) {
    const { rows } = await admin.query(
      'SELECT orders.*, saga_instances.state AS saga FROM orders JOIN saga_instances USING (id) WHERE id = $1',
      [id],
    );
    return rows[0];
  }

  /** Rules about this order that hold at every moment and do not. */
  async function broken(id: string) {
    const found = await checkRules(admin, orderRules);
    return found.filter(({ subject, settles }) => subject === id && !settles);
  }
});

function placed(orderId: string): Past {
  const price = { currencyCode: 'USD', minorUnits: 450n };
  const lines = [{ sku: 'tea', title: 'The tea', quantity: 2, unitPrice: price }];
  const total = { currencyCode: 'USD', minorUnits: 900n };
  return message(OrderPlacedSchema, { orderId, customerId: randomUUID(), lines, total });
}

function message<D extends DescMessage>(kind: D, value: MessageInitShape<D>): Past {
  const { topic, type } = channelOf(kind);
  return new Past({
    ...{ topic, partition: 0, offset: 0n, key: null, value: Buffer.from(toBinary(kind, create(kind, value))) },
    headers: { ce_id: randomUUID(), ce_type: type, ce_time: new Date().toISOString() },
  });
}

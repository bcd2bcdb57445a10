import pg from 'pg';
import {
  AuthorizePaymentSchema,
  ClaimStockSchema,
  HoldStockSchema,
  Order_Reason,
  Order_State,
  OrderRejectedSchema,
  PaymentAuthorizationRejectedSchema,
  PaymentAuthorizedSchema,
  PaymentCapturedSchema,
  PaymentAuthorizationRejected_Reason as PaymentRefusal,
  PaymentVoidedSchema,
  ReleaseStockSchema,
  ReserveStockSchema,
  StockClaimedSchema,
  StockHeldSchema,
  StockHoldRejectedSchema,
  StockReservationRejected_Reason as StockRefusal,
  StockReleasedSchema,
  StockReservationRejectedSchema,
  StockReservedSchema,
  VoidPaymentSchema,
} from '#libs/contracts';
import { until } from '#libs/testing';
import { Stage } from './stage.js';

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.open();
});
afterAll(() => stage.close());

const teaAndPot = {
  lines: [
    { sku: 'tea', quantity: 3 },
    { sku: 'pot', quantity: 1 },
  ],
};
const place = async (request = teaAndPot) => {
  const customer = stage.customer();
  return { customer, order: await customer.place(request) };
};
const history = (id: string) =>
  stage.rows('SELECT sequence, state, reason, cause FROM order_history WHERE order_id = $1 ORDER BY sequence', id);

describe('an accepted order', () => {
  it('is answered at once, PENDING, with its prices', async () => {
    const { order } = await place();
    expect(order).toMatchObject({ state: Order_State.PENDING, total: { currencyCode: 'USD', minorUnits: 3850n } });
    expect(order.lines.map((line) => [line.sku, line.title, line.unitPrice?.minorUnits])).toEqual([
      ['tea', 'The tea', 450n],
      ['pot', 'The pot', 2500n],
    ]);
    expect(order.createTime).toEqual(order.updateTime);
  });

  it('asks inventory and payments for exactly what the customer ordered', async () => {
    const { order, customer } = await place();
    const reserve = await stage.partner.told(ReserveStockSchema, order.id);
    expect(reserve).toMatchObject({ customerId: customer.subject, ...teaAndPot, ttl: { seconds: 600n } });
    await stage.partner.says(StockReservedSchema, { orderId: order.id });
    expect(await stage.partner.told(AuthorizePaymentSchema, order.id)).toMatchObject({
      customerId: customer.subject,
      amount: { currencyCode: 'USD', minorUnits: 3850n },
      paymentMethod: 'pm_card_visa',
    });
  });

  it('is CONFIRMED when stock is reserved, held and claimed and the payment captured', async () => {
    const { order, customer } = await place();
    await stage.lead(order.id, ClaimStockSchema);
    await stage.partner.says(StockClaimedSchema, { orderId: order.id });
    expect(await stage.end(customer, order.id)).toMatchObject({ state: Order_State.CONFIRMED, reason: 0 });
    await until(() => stage.partner.names(order.id).includes('OrderConfirmed'), { what: 'OrderConfirmed' });
    expect(stage.partner.names(order.id).sort()).toEqual([
      ...['AuthorizePayment', 'CapturePayment', 'ClaimStock', 'HoldStock'],
      ...['OrderConfirmed', 'OrderPlaced', 'ReserveStock'],
    ]);
    expect(await history(order.id)).toEqual([
      { sequence: 1, state: 'PENDING', reason: null, cause: 'placed' },
      { sequence: 2, state: 'CONFIRMED', reason: null, cause: 'completed' },
    ]);
  });

  it('keeps the payment method no longer than until AuthorizePayment is written, and never logs it', async () => {
    const { order } = await place();
    const data = async () =>
      JSON.stringify(await stage.rows('SELECT data FROM saga_instances WHERE id = $1', order.id));
    await stage.partner.told(ReserveStockSchema, order.id);
    expect(await data()).toContain('pm_card_visa');
    await stage.lead(order.id, AuthorizePaymentSchema);
    expect(await data()).not.toContain('pm_card');
    const events = await stage.rows('SELECT * FROM saga_transitions WHERE id = $1', order.id);
    expect(JSON.stringify(events)).not.toContain('pm_card');
    expect(stage.service.logs.join('\n')).toContain(order.id);
    expect(stage.service.logs.join('\n')).not.toContain('pm_card');
  });

  it('survives replies that come twice, late and out of order', async () => {
    const { order, customer } = await place();
    const orderId = order.id;
    await stage.partner.told(ReserveStockSchema, orderId);
    await stage.partner.says(PaymentCapturedSchema, { orderId });
    await stage.partner.says(StockReservedSchema, { orderId }, 3);
    await stage.partner.told(AuthorizePaymentSchema, orderId);
    await stage.partner.says(PaymentAuthorizedSchema, { orderId }, 2);
    await stage.partner.says(StockReservedSchema, { orderId });
    await stage.partner.told(HoldStockSchema, orderId);
    await stage.partner.says(StockHeldSchema, { orderId }, 2);
    await stage.lead(orderId, ClaimStockSchema);
    await stage.partner.says(StockClaimedSchema, { orderId }, 2);
    expect((await stage.end(customer, orderId)).state).toBe(Order_State.CONFIRMED);
    await until(() => stage.partner.names(orderId).includes('OrderConfirmed'), { what: 'OrderConfirmed' });
    const commands = await stage.rows(
      'SELECT unnest(commands) AS command FROM saga_transitions WHERE id = $1',
      orderId,
    );
    expect(commands).toHaveLength(5);
    expect(await stage.rows('SELECT * FROM dead_letters')).toEqual([]);
  });
});

describe('a refused order', () => {
  it.each([
    [StockRefusal.OUT_OF_STOCK, Order_Reason.OUT_OF_STOCK],
    [StockRefusal.UNKNOWN_SKU, Order_Reason.OUT_OF_STOCK],
  ])('is REJECTED at once when nothing could be reserved (%s)', async (reason, expected) => {
    const { order, customer } = await place();
    await stage.partner.told(ReserveStockSchema, order.id);
    await stage.partner.says(StockReservationRejectedSchema, { orderId: order.id, reason, sku: 'tea' });
    expect(await stage.end(customer, order.id)).toMatchObject({ state: Order_State.REJECTED, reason: expected });
    expect(await stage.partner.told(OrderRejectedSchema, order.id)).toMatchObject({ reason: expected });
    expect(stage.partner.names(order.id)).not.toContain('ReleaseStock');
  });

  it.each([
    [PaymentRefusal.DECLINED, Order_Reason.PAYMENT_DECLINED],
    [PaymentRefusal.PROVIDER_UNAVAILABLE, Order_Reason.PAYMENT_UNAVAILABLE],
  ])('gives its stock back before it is REJECTED for its payment (%s)', async (reason, expected) => {
    const { order, customer } = await place();
    await stage.lead(order.id, AuthorizePaymentSchema);
    await stage.partner.says(PaymentAuthorizationRejectedSchema, { orderId: order.id, reason });
    await stage.partner.told(ReleaseStockSchema, order.id);
    expect((await customer.get(order.id)).state).toBe(Order_State.PENDING);
    await stage.partner.says(StockReleasedSchema, { orderId: order.id });
    expect(await stage.end(customer, order.id)).toMatchObject({ state: Order_State.REJECTED, reason: expected });
    expect(stage.partner.names(order.id)).not.toContain('VoidPayment');
  });

  it('lets the money go and is EXPIRED when its reservation was lost', async () => {
    const { order, customer } = await place();
    await stage.lead(order.id, HoldStockSchema);
    await stage.partner.says(StockHoldRejectedSchema, { orderId: order.id });
    await stage.partner.told(VoidPaymentSchema, order.id);
    await stage.partner.says(StockReleasedSchema, { orderId: order.id });
    await stage.partner.says(PaymentVoidedSchema, { orderId: order.id });
    expect(await stage.end(customer, order.id)).toMatchObject({
      state: Order_State.REJECTED,
      reason: Order_Reason.EXPIRED,
    });
    expect(stage.partner.names(order.id)).not.toContain('CapturePayment');
  });
});

describe('waiting for the outcome', () => {
  it('answers with the end when it comes in time', async () => {
    const customer = stage.customer();
    const placing = customer.place({ ...teaAndPot, waitSeconds: 20 }, { timeoutMs: 30_000 });
    const id = await until(
      async () => (await stage.rows('SELECT id FROM orders WHERE customer_id = $1', customer.subject))[0]?.id,
      { what: 'the order' },
    );
    await stage.partner.told(ReserveStockSchema, String(id));
    await stage.partner.says(StockReservationRejectedSchema, {
      orderId: String(id),
      reason: StockRefusal.OUT_OF_STOCK,
    });
    expect(await placing).toMatchObject({ id, state: Order_State.REJECTED, reason: Order_Reason.OUT_OF_STOCK });
  });

  it('answers at once when the request is a repeated one whose order has ended', async () => {
    const customer = stage.customer();
    const { id } = await customer.place(teaAndPot, { key: 'k1' });
    await stage.partner.told(ReserveStockSchema, id);
    await stage.partner.says(StockReservationRejectedSchema, { orderId: id, reason: StockRefusal.OUT_OF_STOCK });
    await stage.end(customer, id);
    const started = Date.now();
    const again = await customer.place({ ...teaAndPot, waitSeconds: 20 }, { key: 'k1', timeoutMs: 30_000 });
    expect(again).toMatchObject({ id, state: Order_State.REJECTED });
    expect(Date.now() - started).toBeLessThan(10_000);
  });

  it('answers PENDING before the deadline of the call', async () => {
    const order = await stage.customer().place({ ...teaAndPot, waitSeconds: 20 }, { timeoutMs: 1500 });
    expect(order.state).toBe(Order_State.PENDING);
  });
});

it('lets the service add to the history of orders and never change it', async () => {
  const service = new pg.Client({ connectionString: stage.service.database.url });
  await service.connect();
  const refused = { code: '42501' };
  await expect(service.query("UPDATE order_history SET cause = 'x'")).rejects.toMatchObject(refused);
  await expect(service.query('DELETE FROM order_history')).rejects.toMatchObject(refused);
  await service.end();
});

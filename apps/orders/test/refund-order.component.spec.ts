import { randomUUID } from 'node:crypto';
import {
  Order_State,
  OrderRefundedSchema,
  PaymentRefundCompletedSchema,
  PaymentRefundRejectedSchema,
  Refund_Reason,
  Refund_Rejection,
  Refund_State,
  RefundPaymentSchema,
  PaymentRefundRejected_Reason as Why,
} from '#libs/contracts';
import { until } from '#libs/testing';
import { type Customer, refusalOf } from './customer.js';
import { Stage } from './stage.js';

const TOTAL = 2950n;
const dollars = (minorUnits: bigint) => ({ currencyCode: 'USD', minorUnits });

let stage: Stage;
let admin: Customer;
beforeAll(async () => {
  stage = await Stage.open();
  admin = stage.customer('an-admin', 'orders:read orders:read:all orders:refund');
});
afterAll(() => stage.close());

async function confirmed() {
  const customer = stage.customer();
  return { customer, id: (await stage.confirmed(customer)).id };
}

/** The order once its refunds are in these states. */
const inStates = (customer: Customer, id: string, ...states: Refund_State[]) =>
  until(
    async () => {
      const order = await customer.get(id);
      return order.refunds.map(({ state }) => state).join() === states.join() && order;
    },
    { what: `refunds of ${id} to be ${states}` },
  );

const answer = (refund: { id: string; orderId: string }) =>
  stage.partner.says(PaymentRefundCompletedSchema, { orderId: refund.orderId, refundId: refund.id });

describe('a refund', () => {
  it('is answered at once, PENDING, and asks payments for exactly what was asked for', async () => {
    const { id, customer } = await confirmed();
    const refund = await admin.refund({ id, amount: dollars(450n), reason: Refund_Reason.NOT_AS_DESCRIBED });
    expect(refund).toMatchObject({
      orderId: id,
      amount: dollars(450n),
      reason: Refund_Reason.NOT_AS_DESCRIBED,
      state: Refund_State.PENDING,
    });
    expect(await stage.partner.told(RefundPaymentSchema, id)).toMatchObject({
      orderId: id,
      refundId: refund.id,
      amount: dollars(450n),
    });
    const order = await customer.get(id);
    expect(order.refunds).toEqual([refund]);
    expect(order).toMatchObject({ state: Order_State.CONFIRMED, amountRefunded: dollars(0n) });
  });

  it('is told with the order when it has succeeded, and to the world; the order stays CONFIRMED', async () => {
    const { id, customer } = await confirmed();
    const first = await admin.refund({ id, amount: dollars(450n) });
    await answer(first);
    await inStates(customer, id, Refund_State.SUCCEEDED);
    const second = await admin.refund({ id });
    expect(second.amount).toEqual(expect.objectContaining(dollars(TOTAL - 450n)));
    await answer(second);
    const order = await inStates(customer, id, Refund_State.SUCCEEDED, Refund_State.SUCCEEDED);
    expect(order).toMatchObject({
      state: Order_State.CONFIRMED,
      amountRefunded: dollars(TOTAL),
      total: dollars(TOTAL),
    });
    expect(order.updateTime).toEqual(order.refunds[1]?.updateTime);
    const told = await until(
      () => {
        const all = stage.partner.all(OrderRefundedSchema, id);
        return all.length === 2 && all;
      },
      { what: 'two OrderRefunded' },
    );
    expect(told).toMatchObject([
      { refundId: first.id, amount: dollars(450n), amountRefunded: dollars(450n) },
      { refundId: second.id, amount: dollars(TOTAL - 450n), amountRefunded: dollars(TOTAL) },
    ]);
    expect((await refusalOf(admin.refund({ id }))).reason).toBe('REFUND_EXCEEDS_REST');
  });

  it('that ends while its order is read is not younger than the order', async () => {
    const { id, customer } = await confirmed();
    await admin.refund({ id, amount: dollars(450n) });
    // As a reader sees it who had read the order's row before.
    await stage.rows("UPDATE refunds SET updated_at = updated_at + interval '1 second' WHERE order_id = $1", id);
    const order = await customer.get(id);
    expect(order.updateTime).toEqual(order.refunds[0]?.updateTime);
  });

  it.each([
    [Why.DECLINED, Refund_Rejection.DECLINED],
    [Why.NOT_CAPTURED, Refund_Rejection.NOT_REFUNDABLE],
    [Why.EXCEEDS_CAPTURED, Refund_Rejection.NOT_REFUNDABLE],
  ])('that payments rejects for %i says why, and leaves its amount to another one', async (reason, rejection) => {
    const { id, customer } = await confirmed();
    const { id: refundId } = await admin.refund({ id });
    expect((await refusalOf(admin.refund({ id, amount: dollars(1n) }))).reason).toBe('REFUND_EXCEEDS_REST');
    await stage.partner.says(PaymentRefundRejectedSchema, { orderId: id, refundId, reason });
    const order = await inStates(customer, id, Refund_State.REJECTED);
    expect(order.refunds[0]).toMatchObject({ rejection });
    expect(order.amountRefunded).toMatchObject(dollars(0n));
    expect((await admin.refund({ id })).amount).toMatchObject(dollars(TOTAL));
    expect(stage.partner.all(OrderRefundedSchema, id)).toEqual([]);
  });

  it('has one effect however often payments answers', async () => {
    const { id, customer } = await confirmed();
    const refund = await admin.refund({ id, amount: dollars(5n) });
    await stage.partner.says(PaymentRefundCompletedSchema, { orderId: id, refundId: refund.id }, 3);
    await stage.partner.says(PaymentRefundRejectedSchema, { orderId: id, refundId: refund.id, reason: Why.DECLINED });
    await inStates(customer, id, Refund_State.SUCCEEDED);
    const other = await admin.refund({ id, amount: dollars(6n) });
    await answer(other);
    // The answers of one order are handled in order: those before are done with.
    await inStates(customer, id, Refund_State.SUCCEEDED, Refund_State.SUCCEEDED);
    await until(() => stage.partner.all(OrderRefundedSchema, id).length === 2, { what: 'both to be told' });
    expect(await stage.rows('SELECT * FROM dead_letters')).toEqual([]);
  });
});

describe('never more than was captured goes back', () => {
  it('of thirty refunds at once, exactly those that there is room for', async () => {
    const { id, customer } = await confirmed();
    const asked = Array.from({ length: 30 }, () => admin.refund({ id, amount: dollars(400n) }));
    const answers = await Promise.allSettled(asked);
    const accepted = answers.filter(({ status }) => status === 'fulfilled');
    expect(accepted).toHaveLength(7); // 7 × 400 ≤ 2950 < 8 × 400
    const order = await customer.get(id);
    expect(order.refunds.map(({ amount }) => amount?.minorUnits)).toEqual(Array(7).fill(400n));
    const rows = await stage.rows('SELECT number FROM refunds WHERE order_id = $1 ORDER BY number', id);
    expect(rows.map(({ number }) => number)).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect((await admin.refund({ id })).amount).toMatchObject(dollars(150n));
    await until(() => stage.partner.all(RefundPaymentSchema, id).length === 8, { what: 'eight commands' });
  });

  it('of full refunds at once, one', async () => {
    const { id } = await confirmed();
    const answers = await Promise.allSettled(Array.from({ length: 10 }, () => admin.refund({ id })));
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });
});

describe('one Idempotency-Key is one refund', () => {
  it('also when it is sent twenty times at once', async () => {
    const { id, customer } = await confirmed();
    const key = randomUUID();
    const refunds = await Promise.all(
      Array.from({ length: 20 }, () => admin.refund({ id, amount: dollars(100n) }, key)),
    );
    expect(new Set(refunds.map((refund) => refund.id)).size).toBe(1);
    expect((await customer.get(id)).refunds).toHaveLength(1);
  });

  it('and refused with another amount, another order, or none at all', async () => {
    const [{ id }, { id: other }] = [await confirmed(), await confirmed()];
    const key = randomUUID();
    await admin.refund({ id, amount: dollars(100n) }, key);
    expect((await refusalOf(admin.refund({ id, amount: dollars(101n) }, key))).reason).toBe('IDEMPOTENCY_KEY_REUSED');
    const elsewhere = admin.refund({ id: other, amount: dollars(100n) }, key);
    expect((await refusalOf(elsewhere)).reason).toBe('IDEMPOTENCY_KEY_REUSED');
    expect((await refusalOf(admin.refund({ id }, ''))).reason).toBe('IDEMPOTENCY_KEY_REQUIRED');
  });
});

describe('a refund is refused', () => {
  it('to a customer, also of the own order', async () => {
    const { id, customer } = await confirmed();
    expect((await refusalOf(customer.refund({ id }))).reason).toBe('PERMISSION_DENIED');
  });

  it('for an order that does not exist', async () => {
    expect((await refusalOf(admin.refund({ id: randomUUID() }))).reason).toBe('ORDER_NOT_FOUND');
  });

  it('for an order that is not confirmed, naming its state', async () => {
    const { id } = await stage.customer().place({ lines: [{ sku: 'tea', quantity: 1 }] });
    expect(await refusalOf(admin.refund({ id }))).toMatchObject({
      reason: 'ORDER_NOT_REFUNDABLE',
      metadata: { state: 'PENDING' },
    });
  });

  it.each([
    ['another currency', { amount: { currencyCode: 'EUR', minorUnits: 5n } }, 'amount.currencyCode'],
    ['nothing', { amount: dollars(0n) }, 'amount'],
    ['no reason', { reason: Refund_Reason.REASON_UNSPECIFIED }, 'reason'],
  ])('of %s, naming the field', async (_, request, field) => {
    const { id } = await confirmed();
    const refusal = await refusalOf(admin.refund({ id, ...request }));
    expect(refusal.reason).toBe('VALIDATION_FAILED');
    expect(refusal.violations.map((violation) => violation.field)).toContain(field);
  });
});

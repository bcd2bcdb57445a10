import { randomUUID } from 'node:crypto';
import { timestampDate } from '@bufbuild/protobuf/wkt';
import {
  AuthorizePaymentSchema,
  Order_Reason,
  Order_State,
  type OrderTransition,
  PaymentAuthorizationRejectedSchema,
  PaymentRefundCompletedSchema,
  Refund_State,
  PaymentAuthorizationRejected_Reason as Refusal,
  StockReleasedSchema,
} from '#libs/contracts';
import { until } from '#libs/testing';
import { type Customer, refusalOf } from './customer.js';
import { Stage } from './stage.js';

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.open();
});
afterAll(() => stage.close());

const told = ({ state, cause, step, commands }: OrderTransition) => [
  Order_State[state],
  cause,
  step,
  commands.join(', '),
];

async function refunded(customer: Customer) {
  const { id } = await stage.confirmed(customer);
  const admin = stage.customer('an-admin', 'orders:read orders:read:all orders:refund');
  const refund = await admin.refund({ id });
  await stage.partner.says(PaymentRefundCompletedSchema, { orderId: id, refundId: refund.id });
  await until(async () => (await customer.get(id)).refunds[0]?.state === Refund_State.SUCCEEDED, {
    what: 'the refund to end',
  });
  return { id, refund, admin };
}

describe('the history of an order', () => {
  it('tells every move with its cause, what was asked for next, and refunds after it', async () => {
    const customer = stage.customer();
    const { id, refund } = await refunded(customer);
    const { transitions, nextPageToken } = await customer.history(id);
    expect(nextPageToken).toBe('');
    expect(transitions.map(told)).toEqual([
      ['PENDING', 'placed', 'reserve stock', 'ReserveStock'],
      ['PENDING', 'StockReserved', 'authorize payment', 'AuthorizePayment'],
      ['PENDING', 'PaymentAuthorized', 'hold stock', 'HoldStock'],
      ['PENDING', 'StockHeld', 'capture payment', 'CapturePayment'],
      ['PENDING', 'PaymentCaptured', 'claim stock', 'ClaimStock'],
      ['CONFIRMED', 'StockClaimed', '', ''],
      ['CONFIRMED', 'refund requested', 'refund payment', 'RefundPayment'],
      ['CONFIRMED', 'PaymentRefundCompleted', '', ''],
    ]);
    expect(transitions.map(({ refundId }) => refundId)).toEqual([...Array(6).fill(''), refund.id, refund.id]);
    const states = transitions.slice(6).map(({ refundState }) => Refund_State[refundState]);
    expect(states).toEqual(['PENDING', 'SUCCEEDED']);
    const times = transitions.map(({ time }) => (time ? timestampDate(time).getTime() : 0));
    expect(times).toEqual(times.toSorted((a, b) => a - b));
  });

  it('tells how an order was undone, and why', async () => {
    const customer = stage.customer();
    const { id: orderId } = await customer.place({ lines: [{ sku: 'tea', quantity: 1 }] });
    await stage.lead(orderId, AuthorizePaymentSchema);
    await stage.partner.says(PaymentAuthorizationRejectedSchema, { orderId, reason: Refusal.DECLINED });
    await stage.partner.says(StockReleasedSchema, { orderId });
    await stage.end(customer, orderId);
    const { transitions } = await customer.history(orderId);
    expect(transitions.slice(2).map(told)).toEqual([
      ['PENDING', 'PaymentAuthorizationRejected', '', 'ReleaseStock'],
      ['REJECTED', 'StockReleased', '', ''],
    ]);
    expect(transitions.at(-1)?.reason).toBe(Order_Reason.PAYMENT_DECLINED);
  });

  it('comes in pages, whose tokens are good for this order alone', async () => {
    const customer = stage.customer();
    const { id } = await refunded(customer);
    const whole = (await customer.history(id)).transitions;
    const first = await customer.history(id, { pageSize: 5 });
    const second = await customer.history(id, { pageSize: 5, pageToken: first.nextPageToken });
    expect([...first.transitions, ...second.transitions]).toEqual(whole);
    expect(second.nextPageToken).toBe('');
    const { id: other } = await stage.confirmed(customer);
    const misused = customer.history(other, { pageToken: first.nextPageToken });
    expect((await refusalOf(misused)).violations).toMatchObject([{ field: 'pageToken' }]);
  });

  it('is for its customer and for admins; for others the order does not exist', async () => {
    const customer = stage.customer();
    const { id, admin } = await refunded(customer);
    expect((await admin.history(id)).transitions).toEqual((await customer.history(id)).transitions);
    expect((await refusalOf(stage.customer().history(id))).reason).toBe('ORDER_NOT_FOUND');
    expect((await refusalOf(admin.history(randomUUID()))).reason).toBe('ORDER_NOT_FOUND');
  });
});

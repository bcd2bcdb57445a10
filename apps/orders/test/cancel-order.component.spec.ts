import type { DescMessage } from '@bufbuild/protobuf';
import {
  AuthorizePaymentSchema,
  CapturePaymentSchema,
  ClaimStockSchema,
  Code,
  HoldStockSchema,
  Order_Reason,
  Order_State,
  PaymentAuthorizationRejectedSchema,
  PaymentAuthorizedSchema,
  PaymentCapturedSchema,
  PaymentAuthorizationRejected_Reason as PaymentRefusal,
  PaymentVoidedSchema,
  ReleaseStockSchema,
  ReserveStockSchema,
  StockClaimedSchema,
  StockReleasedSchema,
  StockReservedSchema,
  VoidPaymentSchema,
} from '#libs/contracts';
import { refusalOf } from './customer.js';
import { Stage } from './stage.js';

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.open();
});
afterAll(() => stage.close());

/** An order that waits for the answer to `command`. */
async function orderAt(command: DescMessage) {
  const customer = stage.customer();
  const { id } = await customer.place({ lines: [{ sku: 'tea', quantity: 1 }] });
  await stage.lead(id, command);
  return { customer, id };
}

describe('cancelling an order', () => {
  it.each([
    ['reserving stock', ReserveStockSchema, false],
    ['authorizing the payment', AuthorizePaymentSchema, true],
    ['holding the stock', HoldStockSchema, true],
  ])('undoes what was asked for while %s, answered or not', async (_, command, paymentAsked) => {
    const { customer, id } = await orderAt(command);
    expect((await customer.cancel(id)).state).toBe(Order_State.PENDING);
    await stage.partner.told(ReleaseStockSchema, id);
    await stage.partner.says(StockReleasedSchema, { orderId: id });
    if (paymentAsked) {
      await stage.partner.told(VoidPaymentSchema, id);
      expect((await customer.get(id)).state).toBe(Order_State.PENDING);
      await stage.partner.says(PaymentVoidedSchema, { orderId: id });
    }
    expect(await stage.end(customer, id)).toMatchObject({ state: Order_State.CANCELLED, reason: 0 });
    expect(stage.partner.names(id)).not.toContain('CapturePayment');
    expect(stage.partner.names(id).includes('VoidPayment')).toBe(paymentAsked);
  });

  it('changes nothing when it is asked for again, before and after the end', async () => {
    const { customer, id } = await orderAt(ReserveStockSchema);
    await Promise.all([customer.cancel(id), customer.cancel(id), customer.cancel(id)]);
    await stage.partner.told(ReleaseStockSchema, id);
    await stage.partner.says(StockReleasedSchema, { orderId: id });
    await stage.end(customer, id);
    expect((await customer.cancel(id)).state).toBe(Order_State.CANCELLED);
    const moves = await stage.rows("SELECT 1 FROM saga_transitions WHERE id = $1 AND cause = 'cancel'", id);
    expect(moves).toHaveLength(1);
  });

  it('is not undone by a success that comes late', async () => {
    const { customer, id } = await orderAt(AuthorizePaymentSchema);
    await customer.cancel(id);
    await stage.partner.says(PaymentAuthorizedSchema, { orderId: id });
    await stage.partner.says(StockReservedSchema, { orderId: id });
    await stage.partner.says(PaymentVoidedSchema, { orderId: id });
    await stage.partner.says(StockReleasedSchema, { orderId: id });
    expect((await stage.end(customer, id)).state).toBe(Order_State.CANCELLED);
    expect(stage.partner.names(id)).not.toContain('HoldStock');
  });

  it('is too late once the capture was asked for: the order is confirmed', async () => {
    const { customer, id } = await orderAt(CapturePaymentSchema);
    expect(await refusalOf(customer.cancel(id))).toMatchObject({
      grpc: Code.FAILED_PRECONDITION,
      reason: 'ORDER_NOT_CANCELLABLE',
    });
    await stage.partner.says(PaymentCapturedSchema, { orderId: id });
    await stage.partner.told(ClaimStockSchema, id);
    await stage.partner.says(StockClaimedSchema, { orderId: id });
    expect((await stage.end(customer, id)).state).toBe(Order_State.CONFIRMED);
    expect((await refusalOf(customer.cancel(id))).reason).toBe('ORDER_NOT_CANCELLABLE');
  });

  it('is too late when the order already ends for another cause', async () => {
    const { customer, id } = await orderAt(AuthorizePaymentSchema);
    await stage.partner.says(PaymentAuthorizationRejectedSchema, { orderId: id, reason: PaymentRefusal.DECLINED });
    await stage.partner.told(ReleaseStockSchema, id);
    expect((await refusalOf(customer.cancel(id))).reason).toBe('ORDER_NOT_CANCELLABLE');
    await stage.partner.says(StockReleasedSchema, { orderId: id });
    expect((await stage.end(customer, id)).reason).toBe(Order_Reason.PAYMENT_DECLINED);
  });

  it('is for the customer who placed it alone', async () => {
    const { id } = await orderAt(ReserveStockSchema);
    const admin = stage.customer('an-admin', 'orders:read orders:write orders:read:all');
    for (const other of [stage.customer(), admin]) {
      expect((await refusalOf(other.cancel(id))).reason).toBe('ORDER_NOT_FOUND');
    }
    expect(stage.partner.names(id)).not.toContain('ReleaseStock');
  });
});

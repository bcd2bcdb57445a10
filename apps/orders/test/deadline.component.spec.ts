import { NodeSDK } from '@opentelemetry/sdk-node';
import {
  CapturePaymentSchema,
  ClaimStockSchema,
  Order_Reason,
  Order_State,
  PaymentCapturedSchema,
  ReleaseStockSchema,
  ReserveStockSchema,
  StockClaimedSchema,
  StockReleasedSchema,
  StockReservedSchema,
} from '#libs/contracts';
import { until } from '#libs/testing';
import { PlaceOrderProcess } from '../src/place-order/place-order.process.js';
import type { Customer } from './customer.js';
import { Stage } from './stage.js';

// Spans are made and go nowhere: what counts here is the trace context that travels with the messages.
const nowhere = { onStart() {}, onEnd() {}, forceFlush: async () => {}, shutdown: async () => {} };
const telemetry = new NodeSDK({ spanProcessors: [nowhere] });
let stage: Stage;
beforeAll(async () => {
  telemetry.start();
  stage = await Stage.open({ ORDERS_DEADLINE: '2', RESERVATION_TTL: '5' });
});
afterAll(async () => {
  await stage.close();
  await telemetry.shutdown();
});

const place = async (customer: Customer) => (await customer.place({ lines: [{ sku: 'tea', quantity: 1 }] })).id;

describe('the deadline of an order', () => {
  it('gives the stock back, also when it is reserved only then, and ends the order EXPIRED', async () => {
    const customer = stage.customer();
    const orderId = await place(customer);
    await stage.partner.told(ReleaseStockSchema, orderId);
    await stage.partner.says(StockReservedSchema, { orderId });
    await stage.partner.says(StockReleasedSchema, { orderId });
    expect(await stage.end(customer, orderId)).toMatchObject({
      state: Order_State.REJECTED,
      reason: Order_Reason.EXPIRED,
    });
    expect(stage.partner.names(orderId)).not.toContain('AuthorizePayment');
  });

  it('belongs to the trace of the request that placed the order', async () => {
    const customer = stage.customer();
    const orderId = await place(customer);
    await stage.partner.told(ReleaseStockSchema, orderId);
    const traces = stage.partner.traces(orderId);
    expect(traces).toHaveLength(3);
    expect(traces[0]).toMatch(/^[0-9a-f]{32}$/);
    expect(new Set(traces).size).toBe(1);
    await stage.partner.says(StockReleasedSchema, { orderId });
  });

  it('leaves a cancellation in that trace too, whoever asks for it', async () => {
    const customer = stage.customer();
    const orderId = await place(customer);
    await stage.partner.told(ReserveStockSchema, orderId);
    await customer.cancel(orderId);
    await stage.partner.told(ReleaseStockSchema, orderId);
    expect(new Set(stage.partner.traces(orderId)).size).toBe(1);
    await stage.partner.says(StockReleasedSchema, { orderId });
    expect((await stage.end(customer, orderId)).state).toBe(Order_State.CANCELLED);
  });

  it('does not act any more once the capture was asked for', async () => {
    const [early, late] = [stage.customer(), stage.customer()];
    const captured = await place(early);
    await stage.lead(captured, CapturePaymentSchema);
    // An order that was placed later expires: the deadline of the first has passed, and it was swept.
    const expired = await place(late);
    await stage.partner.told(ReleaseStockSchema, expired);
    expect((await early.get(captured)).state).toBe(Order_State.PENDING);
    await stage.partner.says(PaymentCapturedSchema, { orderId: captured });
    await stage.partner.told(ClaimStockSchema, captured);
    await stage.partner.says(StockClaimedSchema, { orderId: captured });
    expect((await stage.end(early, captured)).state).toBe(Order_State.CONFIRMED);
    expect(stage.partner.names(captured)).not.toContain('ReleaseStock');
  });

  it('acts once on each order, however many replicas sweep', async () => {
    const customer = stage.customer();
    const orders = await Promise.all(Array.from({ length: 12 }, () => place(customer)));
    await stage.partner.told(ReserveStockSchema, orders[11] ?? '');
    // On a slow machine some have expired by themselves: they have no deadline any more.
    const open = 'WHERE id = ANY($1) AND deadline_at IS NOT NULL';
    await stage.rows(`UPDATE saga_instances SET deadline_at = now() - interval '1 second' ${open}`, orders);
    const { saga } = stage.service.app.get(PlaceOrderProcess);
    const moved = () => stage.rows("SELECT id FROM saga_transitions WHERE cause = 'deadline' AND id = ANY($1)", orders);
    await until(
      async () => {
        await Promise.all(Array.from({ length: 4 }, () => saga.sweep()));
        return (await moved()).length >= 12;
      },
      { what: 'all deadlines' },
    );
    expect(new Set((await moved()).map((row) => row.id)).size).toBe(12);
    expect(await moved()).toHaveLength(12);
  });
});

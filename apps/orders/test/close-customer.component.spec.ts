import { randomUUID } from 'node:crypto';
import {
  CapturePaymentSchema,
  CloseCustomerSchema,
  CustomerClosedSchema,
  Order_State,
  PaymentCapturedSchema,
  ReleaseStockSchema,
  ReserveStockSchema,
  StockClaimedSchema,
  StockReleasedSchema,
} from '#libs/contracts';
import { fromServiceError } from '#libs/errors';
import { until } from '#libs/testing';
import { TestPeer } from '../../../test/messaging/test-peer.js';
import { refusalOf } from './customer.js';
import { Stage } from './stage.js';

let stage: Stage;
let users: TestPeer;

beforeAll(async () => {
  stage = await Stage.open();
  users = await TestPeer.start({ service: 'users', kafka: stage.service.kafka, hears: [CustomerClosedSchema] });
}, 120_000);

afterAll(async () => {
  await users?.close();
  await stage?.close();
});

const tea = { lines: [{ sku: 'tea', quantity: 1 }] };
const close = (customerId: string, id?: string) => users.send(CloseCustomerSchema, { customerId }, id);
const answers = (customerId: string) =>
  users.heard(CustomerClosedSchema).filter((reply) => reply.customerId === customerId).length;
const closed = (customerId: string, times = 1) =>
  until(() => answers(customerId) === times, { what: `${customerId} to be closed`, timeout: 30_000 });
const refusesOrdersOf = (customerId: string) =>
  until(
    async () => (await stage.rows('SELECT 1 FROM closed_customers WHERE customer_id = $1', customerId)).length > 0,
    {
      what: `${customerId} to be refused`,
      timeout: 30_000,
    },
  );

describe('closing a customer', () => {
  it('is answered at once where nothing is open, and again when it is asked again', async () => {
    const { subject } = stage.customer();
    await close(subject);
    await closed(subject);
    await close(subject);
    await closed(subject, 2);
  });

  it('accepts no more orders of theirs, whatever token they come with, and those of others as ever', async () => {
    const [customer, other] = [stage.customer(), stage.customer()];
    await close(customer.subject);
    await closed(customer.subject);
    expect((await refusalOf(customer.place(tea))).reason).toBe('ACCOUNT_CLOSED');
    expect((await customer.list()).orders).toEqual([]);
    expect((await other.place(tea)).state).toBe(Order_State.PENDING);
  });

  it('cancels what can be cancelled, and answers when that is undone', async () => {
    const customer = stage.customer();
    const { id } = await customer.place(tea);
    await stage.lead(id, ReserveStockSchema);
    await close(customer.subject);
    await stage.partner.told(ReleaseStockSchema, id);
    expect(answers(customer.subject)).toBe(0);
    await stage.partner.says(StockReleasedSchema, { orderId: id });
    await closed(customer.subject);
    expect((await customer.get(id)).state).toBe(Order_State.CANCELLED);
  });

  it('lets an order whose payment is being captured go its way, and answers when it has ended', async () => {
    const customer = stage.customer();
    const { id } = await customer.place(tea);
    await stage.lead(id, CapturePaymentSchema);
    await close(customer.subject);
    await refusesOrdersOf(customer.subject);
    expect(answers(customer.subject)).toBe(0);
    await stage.partner.says(PaymentCapturedSchema, { orderId: id });
    await stage.partner.says(StockClaimedSchema, { orderId: id });
    await closed(customer.subject);
    expect((await customer.get(id)).state).toBe(Order_State.CONFIRMED);
    expect(stage.partner.names(id)).not.toContain('VoidPayment');
    const order = 'SELECT answer_time >= updated_at AS last FROM orders JOIN closed_customers USING (customer_id)';
    expect(await stage.rows(`${order} WHERE id = $1`, id)).toEqual([{ last: true }]);
  });

  it('asks for each cancellation once, however long the order takes to end', async () => {
    const customer = stage.customer();
    const { id } = await customer.place(tea);
    await stage.lead(id, CapturePaymentSchema);
    await close(customer.subject);
    // Customers are looked at oldest first: whenever another one is closed, this one was looked at again.
    const lookAgain = async () => {
      const other = stage.customer();
      await close(other.subject);
      await closed(other.subject);
    };
    // Every question locks the saga.
    const locked = () => stage.rows('SELECT xmax FROM saga_instances WHERE id = $1', id);
    await lookAgain();
    const asked = await locked();
    await lookAgain();
    await lookAgain();
    expect(await locked()).toEqual(asked);
    await stage.partner.says(PaymentCapturedSchema, { orderId: id });
    await stage.partner.says(StockClaimedSchema, { orderId: id });
    await closed(customer.subject);
  });

  it('erases keys and fingerprints, which may say who the customer was; the orders stay', async () => {
    const customer = stage.customer();
    const { id } = await customer.place(tea, { key: 'canary@example.com, first order' });
    await stage.lead(id, ReserveStockSchema);
    await close(customer.subject);
    await stage.partner.told(ReleaseStockSchema, id);
    await stage.partner.says(StockReleasedSchema, { orderId: id });
    await closed(customer.subject);
    const [row] = await stage.rows('SELECT * FROM orders WHERE id = $1', id);
    expect(row).toMatchObject({ customer_id: customer.subject, idempotency_key: null, state: 'CANCELLED' });
    expect(row?.request_fingerprint).toEqual(Buffer.alloc(0));
  });

  it('accepts no more refunds from them: no key of theirs is stored after the others were erased', async () => {
    const customer = stage.customer();
    const admin = stage.customer(undefined, 'orders:read orders:read:all orders:refund');
    const { id } = await stage.confirmed(customer);
    await admin.refund({ id, amount: { currencyCode: 'USD', minorUnits: 450n } }, 'canary@example.com, first refund');
    await close(admin.subject);
    await closed(admin.subject);
    expect((await refusalOf(admin.refund({ id }, 'canary@example.com, second refund'))).reason).toBe('ACCOUNT_CLOSED');
    const kept = await stage.rows('SELECT idempotency_key FROM refunds WHERE requested_by = $1', admin.subject);
    expect(kept).toEqual([{ idempotency_key: null }]);
  });

  it('has one effect of a message that is delivered twice', async () => {
    const [customer, later, id] = [stage.customer(), stage.customer(), randomUUID()];
    await close(customer.subject, id);
    await close(customer.subject, id);
    await close(later.subject);
    await closed(later.subject);
    await closed(customer.subject);
  });

  it('finds every order that is accepted at that moment, or has it refused', async () => {
    for (let round = 0; round < 5; round += 1) {
      const customer = stage.customer();
      const placing = Promise.allSettled(Array.from({ length: 12 }, () => customer.place(tea)));
      await close(customer.subject);
      const answers = await placing;
      const refused = answers.flatMap((one) =>
        one.status === 'rejected' ? [fromServiceError(one.reason).reason] : [],
      );
      expect(refused.filter((reason) => reason !== 'ACCOUNT_CLOSED')).toEqual([]);
      const accepted = answers.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
      for (const { id } of accepted) {
        await stage.partner.told(ReleaseStockSchema, id);
        await stage.partner.says(StockReleasedSchema, { orderId: id });
      }
      await closed(customer.subject);
      const open = await stage.rows(
        "SELECT id FROM orders WHERE customer_id = $1 AND state = 'PENDING'",
        customer.subject,
      );
      expect(open).toEqual([]);
    }
  });
});

import { randomUUID } from 'node:crypto';
import { ForgetPaymentCustomerSchema, PaymentCustomerForgottenSchema, Payments } from '#libs/contracts';
import { fromServiceError } from '#libs/errors';
import { until } from '#libs/testing';
import { TestPeer } from '../../../test/messaging/test-peer.js';
import { PaymentsRoom } from './payments-room.js';

describe('the deletion of an account', () => {
  let room: PaymentsRoom;
  let users: TestPeer;

  beforeAll(async () => {
    room = await PaymentsRoom.open();
    const hears = [PaymentCustomerForgottenSchema];
    users = await TestPeer.start({ service: 'users', kafka: room.service.kafka, hears });
  }, 120_000);

  afterAll(async () => {
    await users?.close();
    await room?.close();
  });

  const answers = (customerId: string) =>
    users.heard(PaymentCustomerForgottenSchema).filter((reply) => reply.customerId === customerId).length;
  const forget = async (customerId: string, times = 1) => {
    const wanted = answers(customerId) + times;
    for (let time = 0; time < times; time += 1) await users.send(ForgetPaymentCustomerSchema, { customerId });
    const told = () => answers(customerId) === wanted;
    await until(told, { what: `${customerId} to be forgotten`, timeout: 30_000 });
  };
  /** All that is kept of an order's money. */
  const books = async (orderId: string) => {
    const { customer_id: _, ...payment } = (await room.payment(orderId)) ?? {};
    return { payment, entries: await room.entries(orderId), movements: await room.movements(orderId) };
  };

  it('takes the customer out of their payments, and leaves the money as it is', async () => {
    const orderId = await room.authorized();
    await room.capture(orderId);
    await room.heard(orderId, 'PaymentAuthorized', 'PaymentCaptured', 'PaymentSucceeded');
    await room.query('UPDATE payments SET reconcile_at = NULL WHERE order_id = $1', orderId);
    const before = await books(orderId);
    await forget('customer-1');
    expect((await room.payment(orderId))?.customer_id).toBe('deleted');
    expect(await books(orderId)).toEqual(before);
    expect(await room.violations()).toEqual([]);
  });

  it('closes their payments to the customer, and leaves them open to an administrator', async () => {
    const orderId = await room.authorized();
    const payments = room.service.client(Payments, { subject: 'customer-1', scopes: ['payments:read'] });
    expect((await payments.getPayment({ orderId })).orderId).toBe(orderId);
    await forget('customer-1');
    const refused = await payments.getPayment({ orderId }).then(() => undefined, fromServiceError);
    expect(refused?.reason).toBe('PAYMENT_NOT_FOUND');
    const as = { subject: randomUUID(), scopes: ['payments:read', 'payments:read:all'] };
    expect((await payments.getPayment({ orderId }, { as })).orderId).toBe(orderId);
  });

  it('is answered each time it is asked for, also for a customer who never paid', () => forget(randomUUID(), 2));
});

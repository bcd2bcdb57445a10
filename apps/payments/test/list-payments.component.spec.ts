import { randomUUID } from 'node:crypto';
import { AuthorizePaymentSchema, Payments } from '#libs/contracts';
import { fromServiceError } from '#libs/errors';
import { PaymentsRoom } from './payments-room.js';

describe('the list of payments', () => {
  let room: PaymentsRoom;
  beforeAll(async () => {
    room = await PaymentsRoom.open();
  }, 120_000);
  afterAll(() => room?.close());

  const paid = async (customerId: string) => {
    const orderId = randomUUID();
    const amount = { currencyCode: 'USD', minorUnits: 100n };
    await room.orders.send(AuthorizePaymentSchema, { orderId, customerId, amount, paymentMethod: 'pm_card_visa' });
    await room.heard(orderId, 'PaymentAuthorized');
    return orderId;
  };
  const asCustomer = (subject: string) => room.service.client(Payments, { subject, scopes: ['payments:read'] });

  it('has every payment of the caller once, over pages, and none of others', async () => {
    const [customerId, other] = [randomUUID(), randomUUID()];
    const orderIds = await Promise.all([paid(customerId), paid(customerId), paid(customerId)]);
    await paid(other);
    const client = asCustomer(customerId);
    const first = await client.listPayments({ pageSize: 2 });
    expect(first.payments).toHaveLength(2);
    const second = await client.listPayments({ pageSize: 2, pageToken: first.nextPageToken });
    expect(second.nextPageToken).toBe('');
    const listed = [...first.payments, ...second.payments].map((payment) => payment.orderId);
    expect(listed.sort()).toEqual(orderIds.sort());
  });

  it('shows nobody more than their own, whatever token they make up', async () => {
    const foreign = await paid(randomUUID());
    const page = await asCustomer(randomUUID()).listPayments({ pageToken: '00000000-0000-4000-8000-000000000000' });
    expect(page.payments).toEqual([]);
    expect(foreign).toBeDefined();
    const refused = await asCustomer('a')
      .listPayments({ pageToken: "' OR 1=1" })
      .then(() => undefined, fromServiceError);
    expect(refused?.violations).toMatchObject([{ field: 'pageToken' }]);
  });
});

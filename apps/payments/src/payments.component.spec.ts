import { randomUUID } from 'node:crypto';
import { Payment_FailureReason, Payment_State, Payments } from '#libs/contracts';
import { fromServiceError } from '#libs/errors';
import type { CallFor } from '#libs/identity';
import { until } from '#libs/testing';
import { PaymentsRoom } from '../test/payments-room.js';

describe('payments', () => {
  let room: PaymentsRoom;

  beforeAll(async () => {
    room = await PaymentsRoom.open();
  });

  afterAll(() => room?.close());

  it('holds the amount of an order', async () => {
    const orderId = await room.authorized();
    expect(await room.payment(orderId)).toMatchObject({ state: 'REQUIRES_CAPTURE', pending: null });
    expect([await room.entries(orderId), await room.movements(orderId)]).toEqual(['HOLD', 'authorization']);
  });

  it('takes what it held, and says so to the order and to the world', async () => {
    const orderId = await room.authorized();
    await room.capture(orderId);
    await room.heard(orderId, 'PaymentAuthorized', 'PaymentCaptured', 'PaymentSucceeded');
    expect(await room.payment(orderId)).toMatchObject({ state: 'SUCCEEDED', pending: null });
    expect([await room.entries(orderId), await room.movements(orderId)]).toEqual([
      'HOLD CAPTURE',
      'authorization capture',
    ]);
  });

  it('lets go what it held', async () => {
    const orderId = await room.authorized();
    await room.void(orderId);
    await room.heard(orderId, 'PaymentAuthorized', 'PaymentVoided', 'PaymentCanceled');
    await room.settled(orderId);
    expect(await room.payment(orderId)).toMatchObject({ state: 'CANCELED' });
    expect([await room.entries(orderId), await room.movements(orderId)]).toEqual([
      'HOLD RELEASE',
      'authorization release',
    ]);
  });

  it.each(['pm_card_chargeDeclined', 'pm_card_nobodyKnows'])('rejects %s as declined', async (paymentMethod) => {
    const orderId = randomUUID();
    await room.authorize(orderId, paymentMethod);
    await room.heard(orderId, 'PaymentAuthorizationRejected(DECLINED)', 'PaymentFailed');
    expect(await room.payment(orderId)).toMatchObject({ state: 'FAILED', failure_reason: 'DECLINED', pending: null });
    expect([await room.entries(orderId), await room.movements(orderId)]).toEqual(['', '']);
  });

  it('asks four times in less than ten seconds for a card whose network is away, then closes it', async () => {
    const orderId = randomUUID();
    const started = performance.now();
    await room.authorize(orderId, 'pm_card_unavailable');
    await room.heard(orderId, 'PaymentAuthorizationRejected(PROVIDER_UNAVAILABLE)', 'PaymentFailed');
    expect(performance.now() - started).toBeLessThan(10_000);
    expect(await room.calls(orderId)).toBe('create confirm confirm confirm confirm cancel');
    expect(await room.payment(orderId)).toMatchObject({
      state: 'FAILED',
      failure_reason: 'PROVIDER_UNAVAILABLE',
      pending: null,
    });
  });

  it('authorizes once although the first answer never comes', async () => {
    const orderId = randomUUID();
    await room.authorize(orderId, 'pm_card_timeoutThenSuccess');
    await room.heard(orderId, 'PaymentAuthorized');
    expect([await room.calls(orderId), await room.movements(orderId)]).toEqual([
      'create confirm confirm',
      'authorization',
    ]);
  });

  it('does not let a slow card hold up other orders', async () => {
    const slow = randomUUID();
    await room.authorize(slow, 'pm_card_slow');
    await until(async () => (await room.calls(slow)).includes('confirm'), { what: 'the slow card to be asked' });
    const others = Array.from({ length: 10 }, () => randomUUID());
    for (const orderId of others) await room.authorize(orderId);
    await Promise.all([slow, ...others].map((orderId) => room.heard(orderId, 'PaymentAuthorized')));
    const answered = room.orders.ordersThatHeard('PaymentAuthorized');
    const before = others.filter((orderId) => answered.indexOf(orderId) < answered.indexOf(slow));
    // One of them may share a lane with the slow order by chance.
    expect(before.length).toBeGreaterThanOrEqual(8);
  });

  it('does once what is delivered twice', async () => {
    const orderId = randomUUID();
    const [authorize, capture] = [randomUUID(), randomUUID()];
    await room.authorize(orderId, 'pm_card_visa', authorize);
    await room.heard(orderId, 'PaymentAuthorized');
    await room.authorize(orderId, 'pm_card_visa', authorize);
    await room.capture(orderId, capture);
    await room.heard(orderId, 'PaymentAuthorized', 'PaymentCaptured', 'PaymentSucceeded');
    await room.capture(orderId, capture);
    // The commands of one order are handled in order: when this one is answered, the repeated ones are done with.
    await room.capture(orderId);
    await room.heard(orderId, 'PaymentAuthorized', 'PaymentCaptured', 'PaymentCaptured', 'PaymentSucceeded');
    expect(await room.calls(orderId)).toBe('create confirm capture');
  });

  it('gives the same answer to the same question, asked anew', async () => {
    const orderId = await room.authorized();
    await room.authorize(orderId);
    await room.heard(orderId, 'PaymentAuthorized', 'PaymentAuthorized');
    await room.void(orderId);
    await room.void(orderId);
    await room.authorize(orderId);
    const rejected = 'PaymentAuthorizationRejected(VOIDED)';
    await room.heard(
      orderId,
      ...['PaymentAuthorized', 'PaymentAuthorized', 'PaymentVoided', 'PaymentVoided', 'PaymentCanceled', rejected],
    );
    expect(await room.movements(orderId)).toBe('authorization release');
    expect(await room.entries(orderId)).toBe('HOLD RELEASE');
  });

  it('answers a void that comes first, and closes the order for the authorization that comes later', async () => {
    const orderId = randomUUID();
    await room.void(orderId);
    await room.heard(orderId, 'PaymentVoided');
    await room.authorize(orderId);
    await room.heard(orderId, 'PaymentVoided', 'PaymentAuthorizationRejected(VOIDED)');
    expect(await room.calls(orderId)).toBe('');
  });

  it('refuses to capture what was voided: the command is put aside, not answered', async () => {
    const orderId = await room.authorized();
    await room.void(orderId);
    await room.capture(orderId);
    const putAside = async () => {
      const { rows } = await room.query('SELECT type, attempts FROM dead_letters WHERE key = $1', orderId);
      return rows.length > 0 && rows;
    };
    expect(await until(putAside, { timeout: 30_000, what: 'the command to be put aside' })).toEqual([
      { type: 'payments.CapturePayment.v1', attempts: 5 },
    ]);
    await room.heard(orderId, 'PaymentAuthorized', 'PaymentVoided', 'PaymentCanceled');
    expect(await room.movements(orderId)).toBe('authorization release');
  });

  describe('GetPayment', () => {
    const customer = { subject: 'customer-1', scopes: ['payments:read'] };
    const stranger = { subject: 'customer-2', scopes: ['payments:read'] };
    const admin = { subject: 'admin-1', scopes: ['payments:read', 'payments:read:all'] };
    const get = (orderId: string, as: CallFor) => room.service.client(Payments, as).getPayment({ orderId });
    const refusal = (orderId: string, as: CallFor) =>
      get(orderId, as).then(
        () => 'shown',
        (error: unknown) => fromServiceError(error).reason,
      );

    it('shows the payment to the customer whose order it is, and to admins', async () => {
      const orderId = await room.authorized();
      await room.capture(orderId);
      await room.heard(orderId, 'PaymentAuthorized', 'PaymentCaptured', 'PaymentSucceeded');
      const shown = {
        orderId,
        state: Payment_State.SUCCEEDED,
        amount: { currencyCode: 'USD', minorUnits: 1999n },
        amountCaptured: { currencyCode: 'USD', minorUnits: 1999n },
        amountRefunded: { currencyCode: 'USD', minorUnits: 0n },
        failureReason: Payment_FailureReason.FAILURE_REASON_UNSPECIFIED,
      };
      expect(await get(orderId, customer)).toMatchObject(shown);
      expect(await get(orderId, admin)).toMatchObject(shown);
    });

    it('does not tell a payment of somebody else from one that does not exist', async () => {
      const orderId = await room.authorized();
      expect(await refusal(orderId, stranger)).toBe('PAYMENT_NOT_FOUND');
      expect(await refusal(randomUUID(), customer)).toBe('PAYMENT_NOT_FOUND');
    });

    it('finds no payment for an order that was closed before it had one', async () => {
      const orderId = randomUUID();
      await room.void(orderId);
      await room.heard(orderId, 'PaymentVoided');
      expect(await refusal(orderId, admin)).toBe('PAYMENT_NOT_FOUND');
    });

    it('is closed to callers without the scope', async () => {
      expect(await refusal(await room.authorized(), { subject: 'customer-1', scopes: ['orders:read'] })).toBe(
        'PERMISSION_DENIED',
      );
    });

    it('tells why a payment failed', async () => {
      const orderId = randomUUID();
      await room.authorize(orderId, 'pm_card_chargeDeclined');
      await room.heard(orderId, 'PaymentAuthorizationRejected(DECLINED)', 'PaymentFailed');
      expect(await get(orderId, customer)).toMatchObject({
        state: Payment_State.FAILED,
        failureReason: Payment_FailureReason.DECLINED,
        amountCaptured: { minorUnits: 0n },
      });
    });
  });

  it('has kept payments, ledger and the book of the provider in agreement', async () => {
    expect(await room.violations()).toEqual([]);
  });

  it('never writes a payment method down, neither in its tables nor in its log', async () => {
    const { rows } = await room.query('SELECT to_jsonb(payments)::text AS text FROM payments');
    expect(rows.length).toBeGreaterThan(10);
    expect(rows.map(({ text }) => text).join()).not.toContain('pm_card');
    expect(room.service.logs.length).toBeGreaterThan(0);
    expect(room.service.logs.filter((line) => line.includes('pm_card'))).toEqual([]);
  });
});

import { randomUUID } from 'node:crypto';
import { jest } from '@jest/globals';
import { Payments } from '#libs/contracts';
import { until } from '#libs/testing';
import { PaymentsRoom } from '../../test/payments-room.js';
import { DueStore } from '../due.store.js';
import { Reconcile } from '../reconcile.js';

const GIVEN_BACK = ['PaymentRefundCompleted', 'PaymentRefunded'];
const TOO_MUCH = 'PaymentRefundRejected(EXCEEDS_CAPTURED)';

describe('refunds', () => {
  let room: PaymentsRoom;

  beforeAll(async () => {
    room = await PaymentsRoom.open();
  });

  afterEach(async () => {
    jest.restoreAllMocks();
    await room.simulator.start();
  });

  afterAll(() => room?.close());

  const refund = async (id: string) => (await room.query('SELECT * FROM refunds WHERE id = $1', id)).rows[0];
  const refunded = async (orderId: string) => (await room.payment(orderId))?.refunded_minor_units;

  it('give back a part, then the rest, and say so to the order and to the world', async () => {
    const orderId = await room.captured();
    const first = await room.refund(orderId, 500n);
    await room.heardAfterCapture(orderId, ...GIVEN_BACK);
    expect(await refund(first)).toMatchObject({ state: 'SUCCEEDED', rejection: null, retry_at: null });
    await room.refund(orderId, 1499n);
    await room.heardAfterCapture(orderId, ...GIVEN_BACK, ...GIVEN_BACK);
    expect(await room.payment(orderId)).toMatchObject({ state: 'SUCCEEDED', refunded_minor_units: '1999' });
    expect(await room.entries(orderId)).toBe('HOLD CAPTURE REFUND REFUND');
    expect(await room.movements(orderId)).toBe('authorization capture refund refund');
    const admin = { subject: 'admin-1', scopes: ['payments:read', 'payments:read:all'] };
    expect(await room.service.client(Payments, admin).getPayment({ orderId })).toMatchObject({
      amountCaptured: { currencyCode: 'USD', minorUnits: 1999n },
      amountRefunded: { currencyCode: 'USD', minorUnits: 1999n },
    });
  });

  it('never give back more than was captured, however many are asked for at once', async () => {
    const orderId = await room.captured();
    await Promise.all(Array.from({ length: 12 }, () => room.refund(orderId, 400n)));
    const rejected = Array(8).fill(TOO_MUCH);
    await room.heardAfterCapture(orderId, ...Array(4).fill(GIVEN_BACK).flat(), ...rejected);
    expect(await refunded(orderId)).toBe('1600');
    expect(await room.movements(orderId)).toBe('authorization capture refund refund refund refund');
  });

  it('are rejected without asking the provider where nothing was captured, or in another currency', async () => {
    const [held, taken, nobody] = [await room.authorized(), await room.captured(), randomUUID()];
    const rejected = 'PaymentRefundRejected(NOT_CAPTURED)';
    await room.refund(held, 1n);
    await room.refund(taken, 1n, { currencyCode: 'EUR' });
    await room.refund(nobody, 1n);
    await room.heard(held, 'PaymentAuthorized', rejected);
    await room.heardAfterCapture(taken, rejected);
    await room.heard(nobody, rejected);
    expect(await room.calls(taken)).toBe('create confirm capture');
  });

  it('give the same answer to the same question, asked anew, and do nothing again', async () => {
    const orderId = await room.captured();
    const id = await room.refund(orderId, 500n);
    await room.heardAfterCapture(orderId, ...GIVEN_BACK);
    await room.refund(orderId, 500n, { id });
    await room.heardAfterCapture(orderId, ...GIVEN_BACK, 'PaymentRefundCompleted');
    const tooMuch = await room.refund(orderId, 1999n);
    await room.refund(orderId, 1999n, { id: tooMuch });
    await room.heardAfterCapture(orderId, ...GIVEN_BACK, 'PaymentRefundCompleted', TOO_MUCH, TOO_MUCH);
    expect(await room.calls(orderId)).toBe('create confirm capture refund');
  });

  it('that the provider declines leave the amount to be given back otherwise', async () => {
    const orderId = await room.captured('pm_card_refundDeclined');
    const id = await room.refund(orderId, 1999n);
    await room.heardAfterCapture(orderId, 'PaymentRefundRejected(DECLINED)');
    expect(await refund(id)).toMatchObject({ state: 'REJECTED', rejection: 'DECLINED' });
    expect([await refunded(orderId), await room.entries(orderId)]).toEqual(['0', 'HOLD CAPTURE']);
    await room.refund(orderId, 1999n);
    await room.heardAfterCapture(orderId, ...Array(2).fill('PaymentRefundRejected(DECLINED)'));
  });

  it('that the provider refuses are rejected with an alarm', async () => {
    const orderId = await room.captured();
    const id = randomUUID();
    // Under its key the provider has answered another request: it refuses this one for good.
    const call = { key: `refund-${id}`, signal: AbortSignal.timeout(5_000) };
    await room.provider.open({ orderId: randomUUID(), amount: { currencyCode: 'USD', minorUnits: 1n } }, call);
    await room.refund(orderId, 5n, { id });
    await room.heardAfterCapture(orderId, 'PaymentRefundRejected(DECLINED)');
    expect(room.service.logs.some((line) => line.includes('refuses a refund') && line.includes(id))).toBe(true);
  });

  it('give back once although the first answer never comes', async () => {
    const orderId = await room.captured('pm_card_refundTimeoutThenSuccess');
    await room.refund(orderId, 500n);
    await room.heardAfterCapture(orderId, ...GIVEN_BACK);
    expect(await room.calls(orderId)).toBe('create confirm capture refund refund');
    expect(await room.movements(orderId)).toBe('authorization capture refund');
  });

  it('are asked for again, under the same key, until a provider that is away is back', async () => {
    const orderId = await room.captured('pm_card_refundUnavailable');
    await room.refund(orderId, 500n);
    await room.heardAfterCapture(orderId, ...GIVEN_BACK);
    const { rows } = await room.queryBook(
      `SELECT count(*)::int AS calls, count(DISTINCT idempotency_key)::int AS keys
       FROM calls JOIN intents ON intents.id = intent_id WHERE order_id = '${orderId}' AND operation = 'refund'`,
    );
    expect(rows).toEqual([{ calls: 6, keys: 1 }]);
  });

  it('wait for a provider that died, hold up no other order meanwhile, and are answered once', async () => {
    const orderId = await room.captured();
    await room.simulator.kill();
    const id = await room.refund(orderId, 500n);
    await until(async () => (await refund(id))?.retry_at, { what: 'the refund to be left to the background job' });
    expect(await refund(id)).toMatchObject({ state: 'PENDING' });
    await room.simulator.start();
    await room.heardAfterCapture(orderId, ...GIVEN_BACK);
    expect([await refunded(orderId), await room.movements(orderId)]).toEqual(['500', 'authorization capture refund']);
  });

  it('give back once when payments dies between the call and its result', async () => {
    const orderId = await room.captured();
    const real = room.provider.refund.bind(room.provider);
    jest.spyOn(room.provider, 'refund').mockImplementationOnce(async (...args) => {
      await real(...args);
      throw new Error('died before the result was written');
    });
    await room.refund(orderId, 500n);
    await room.heardAfterCapture(orderId, ...GIVEN_BACK);
    expect([await refunded(orderId), await room.entries(orderId), await room.movements(orderId)]).toEqual([
      '500',
      'HOLD CAPTURE REFUND',
      'authorization capture refund',
    ]);
  });

  it('have kept payments, ledger and the book of the provider in agreement', async () => {
    expect(await room.violations()).toEqual([]);
    await room.query('UPDATE payments SET reconcile_at = now() WHERE reconcile_at IS NOT NULL');
    await room.service.app.get(Reconcile, { strict: false }).run();
    expect(room.service.logs.filter((line) => line.includes('payment drifts'))).toEqual([]);
  });

  it('that come while a payment is compared are no drift, and are compared later', async () => {
    const orderId = await room.captured();
    const find = room.provider.find.bind(room.provider);
    const stale = jest.spyOn(room.provider, 'find').mockImplementation(async (id, signal) => {
      const found = await find(id, signal);
      if (id !== orderId) return found;
      await room.refund(orderId, 500n);
      await room.heardAfterCapture(orderId, ...GIVEN_BACK);
      return found;
    });
    await room.query('UPDATE payments SET reconcile_at = now() WHERE order_id = $1', orderId);
    await room.service.app.get(Reconcile, { strict: false }).run();
    expect(stale.mock.calls.map(([id]) => id)).toContain(orderId);
    const drifts = room.service.logs.filter((line) => line.includes('payment drifts') && line.includes(orderId));
    expect(drifts).toEqual([]);
    expect((await room.payment(orderId))?.reconcile_at).not.toBeNull();
  });

  it('that come when a payment was found to agree have it compared once more', async () => {
    const orderId = await room.captured();
    const due = room.service.app.get(DueStore, { strict: false });
    await room.query('UPDATE payments SET reconcile_at = now() WHERE order_id = $1', orderId);
    const claimed = (await due.claimReconciliations(100)).find(({ payment }) => payment.orderId === orderId);
    if (!claimed) throw new Error('the payment was not due');
    await room.refund(orderId, 500n);
    await room.heardAfterCapture(orderId, ...GIVEN_BACK);
    await due.reconciled(claimed.payment);
    expect((await room.payment(orderId))?.reconcile_at).not.toBeNull();
  });

  it('that the provider gave back behind our back are found by the reconciliation', async () => {
    const orderId = await room.captured();
    const id = String((await room.payment(orderId))?.provider_payment_id);
    const call = { key: randomUUID(), signal: AbortSignal.timeout(5_000) };
    await room.provider.refund(id, { currencyCode: 'USD', minorUnits: 7n }, call);
    await room.query('UPDATE payments SET reconcile_at = now() WHERE order_id = $1', orderId);
    await room.service.app.get(Reconcile, { strict: false }).run();
    const drift = room.service.logs.find((line) => line.includes('payment drifts') && line.includes(orderId));
    expect(JSON.parse(drift ?? '{}')).toMatchObject({ book: 'provider', sum: 'refunded' });
  });
});

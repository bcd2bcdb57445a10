import { randomUUID } from 'node:crypto';
import { jest } from '@jest/globals';
import { until } from '#libs/testing';
import { PaymentsRoom } from '../test/payments-room.js';
import { PaymentClosing } from './payment-closing.js';
import { type PaymentProvider, ProviderUnavailableError } from './provider.js';
import { Reconcile } from './reconcile.js';

const REJECTED = 'PaymentAuthorizationRejected(PROVIDER_UNAVAILABLE)';

describe('payments under faults', () => {
  let room: PaymentsRoom;

  beforeAll(async () => {
    room = await PaymentsRoom.open();
  });

  afterEach(async () => {
    jest.restoreAllMocks();
    await room.simulator.start();
  });

  afterAll(() => room?.close());

  /** Lets the next call happen for real and then does something before its result is seen. */
  function rightAfter(
    operation: 'open' | 'authorize' | 'capture' | 'cancel' | 'refund',
    fault: () => Promise<void>,
  ): void {
    const provider: PaymentProvider = room.provider;
    const real = provider[operation].bind(provider) as (...args: unknown[]) => Promise<never>;
    jest.spyOn(provider, operation).mockImplementationOnce(async (...args: unknown[]) => {
      const result = await real(...args);
      await fault();
      return result;
    });
  }

  const dollars = (minorUnits: bigint) => ({ currencyCode: 'USD', minorUnits });
  const crash = async () => {
    throw new Error('died before the result was written');
  };
  const voidMeanwhile = (orderId: string) => async () => {
    await room.service.app.get(PaymentClosing, { strict: false }).void(orderId);
  };

  it.each(['open', 'authorize'] as const)('authorizes once when it dies after the call to %s', async (operation) => {
    rightAfter(operation, crash);
    const orderId = await room.authorized();
    expect([await room.movements(orderId), await room.entries(orderId)]).toEqual(['authorization', 'HOLD']);
    const { rows } = await room.queryBook(`SELECT id FROM intents WHERE order_id = '${orderId}'`);
    expect(rows).toHaveLength(1);
  });

  it('captures once when it dies after the call', async () => {
    const orderId = await room.authorized();
    rightAfter('capture', crash);
    await room.capture(orderId);
    await room.heard(orderId, 'PaymentAuthorized', 'PaymentCaptured', 'PaymentSucceeded');
    expect([await room.movements(orderId), await room.entries(orderId)]).toEqual([
      'authorization capture',
      'HOLD CAPTURE',
    ]);
  });

  it('releases once when it dies after the call', async () => {
    const orderId = await room.authorized();
    rightAfter('cancel', crash);
    await room.void(orderId);
    await room.heard(orderId, 'PaymentAuthorized', 'PaymentVoided', 'PaymentCanceled');
    await room.settled(orderId);
    expect([await room.movements(orderId), await room.entries(orderId)]).toEqual([
      'authorization release',
      'HOLD RELEASE',
    ]);
  });

  it('holds nothing when the order is voided while the authorization is under way', async () => {
    const orderId = randomUUID();
    rightAfter('authorize', voidMeanwhile(orderId));
    await room.authorize(orderId);
    await room.heard(orderId, 'PaymentAuthorizationRejected(VOIDED)', 'PaymentCanceled');
    await room.settled(orderId);
    expect([await room.movements(orderId), await room.entries(orderId)]).toEqual(['authorization release', '']);
  });

  it('asks for nothing when the order is voided before the authorization was asked for', async () => {
    const orderId = randomUUID();
    rightAfter('open', voidMeanwhile(orderId));
    await room.authorize(orderId);
    await room.heard(orderId, 'PaymentAuthorizationRejected(VOIDED)', 'PaymentCanceled');
    expect([await room.calls(orderId), await room.movements(orderId)]).toEqual(['create', '']);
  });

  it('gives up in ten seconds when the provider is away, and then holds nothing', async () => {
    const orderId = randomUUID();
    await room.simulator.kill();
    const started = performance.now();
    await room.authorize(orderId);
    await room.heard(orderId, REJECTED, 'PaymentFailed');
    expect(performance.now() - started).toBeLessThan(10_000);
    await room.simulator.start();
    expect(await room.payment(orderId)).toMatchObject({ state: 'FAILED', pending: null, provider_payment_id: null });
    expect(await room.movements(orderId)).toBe('');
  });

  it('lets go what a dying provider had held without an answer, as soon as it is back', async () => {
    const orderId = randomUUID();
    rightAfter('authorize', async () => {
      await room.simulator.kill();
      throw new ProviderUnavailableError('the connection was lost');
    });
    await room.authorize(orderId);
    await room.heard(orderId, REJECTED, 'PaymentFailed');
    expect(await room.movements(orderId)).toBe('authorization');
    expect(await room.payment(orderId)).toMatchObject({ state: 'FAILED', pending: 'CANCEL' });
    await room.simulator.start();
    await room.settled(orderId);
    expect([await room.movements(orderId), await room.entries(orderId)]).toEqual(['authorization release', '']);
  });

  it('answers a void while the provider is away, and releases when it is back', async () => {
    const orderId = await room.authorized();
    await room.simulator.kill();
    await room.void(orderId);
    await room.heard(orderId, 'PaymentAuthorized', 'PaymentVoided', 'PaymentCanceled');
    expect([await room.payment(orderId), await room.entries(orderId)]).toMatchObject([{ pending: 'CANCEL' }, 'HOLD']);
    await room.simulator.start();
    await room.settled(orderId);
    expect([await room.movements(orderId), await room.entries(orderId)]).toEqual([
      'authorization release',
      'HOLD RELEASE',
    ]);
  });

  it('captures when the provider is back, answers once, and holds up no other order meanwhile', async () => {
    const orderId = await room.authorized();
    await room.simulator.kill();
    await room.capture(orderId);
    const handedOver = async () => (await room.payment(orderId))?.retry_at !== null;
    await until(handedOver, { what: 'the capture to be left to the background job' });
    expect(await room.payment(orderId)).toMatchObject({ state: 'REQUIRES_CAPTURE', pending: 'CAPTURE' });
    await room.simulator.start();
    await room.heard(orderId, 'PaymentAuthorized', 'PaymentCaptured', 'PaymentSucceeded');
    expect([await room.movements(orderId), await room.entries(orderId)]).toEqual([
      'authorization capture',
      'HOLD CAPTURE',
    ]);
  });

  it.each([
    ['open', 1n],
    ['authorize', 1999n],
  ] as const)(
    'rejects an order whose %s the provider refuses, holds nothing, and raises an alarm',
    async (what, cents) => {
      const orderId = randomUUID();
      // Under the key of that call the provider has answered another request: it refuses this one for good.
      const call = { key: `order-${orderId}-${what}`, signal: AbortSignal.timeout(5_000) };
      const other = await room.provider.open({ orderId: randomUUID(), amount: dollars(cents) }, call);
      expect(other).not.toBe('');
      await room.authorize(orderId);
      await room.heard(orderId, 'PaymentAuthorizationRejected(PROVIDER_REFUSED)', 'PaymentFailed');
      await room.settled(orderId);
      expect(await room.payment(orderId)).toMatchObject({ state: 'FAILED', failure_reason: 'PROVIDER_REFUSED' });
      expect([await room.movements(orderId), await room.entries(orderId)]).toEqual(['', '']);
      const alarm = room.service.logs.find((line) => line.includes('refuses to authorize') && line.includes(orderId));
      expect(JSON.parse(alarm ?? '{}')).toMatchObject({ level: expect.stringMatching(/error|50/) });
      const { rows } = await room.query('SELECT key FROM parked_keys WHERE key = $1', orderId);
      expect(rows).toEqual([]);
    },
  );

  it('has kept payments, ledger and the book of the provider in agreement', async () => {
    expect(await room.violations()).toEqual([]);
  });

  it('finds and lets go an authorization that nobody knows of, and reports it', async () => {
    const orderId = await room.authorized();
    await room.void(orderId);
    await room.heard(orderId, 'PaymentAuthorized', 'PaymentVoided', 'PaymentCanceled');
    await room.settled(orderId);
    const call = () => ({ key: randomUUID(), signal: AbortSignal.timeout(5_000) });
    const stray = await room.provider.open({ orderId, amount: { currencyCode: 'USD', minorUnits: 1999n } }, call());
    await room.provider.authorize(stray, 'pm_card_visa', call());
    await room.query('UPDATE payments SET reconcile_at = now() WHERE order_id = $1', orderId);
    await room.service.app.get(Reconcile, { strict: false }).run();
    expect(await room.movements(orderId)).toBe('authorization release authorization release');
    const reported = room.service.logs.filter((line) => line.includes('payment drifts') && line.includes(orderId));
    expect(reported.length).toBeGreaterThan(0);
    await room.query('UPDATE payments SET reconcile_at = now() WHERE order_id = $1', orderId);
    await room.service.app.get(Reconcile, { strict: false }).run();
    expect(await room.payment(orderId)).toMatchObject({ reconcile_at: null });
  });
});

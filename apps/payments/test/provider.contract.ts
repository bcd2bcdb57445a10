import { randomUUID } from 'node:crypto';
import {
  type PaymentProvider,
  type ProviderCall,
  ProviderRefusedError,
  ProviderUnavailableError,
} from '../src/provider.js';

const amount = { currencyCode: 'USD', minorUnits: 1999n };
const within = (ms: number, key: string = randomUUID()): ProviderCall => ({ key, signal: AbortSignal.timeout(ms) });

/** Payment methods of a provider's test mode. */
export interface Methods {
  readonly good: string;
  readonly declined: string;
  readonly unknown: string;
  /** Pays well; its refunds are declined. */
  readonly refundDeclined: string;
}

/** What payments relies upon. Every implementation of PaymentProvider runs it, against the real thing. */
export function describePaymentProvider(
  name: string,
  { good, declined, unknown, refundDeclined }: Methods,
  get: () => PaymentProvider,
) {
  const open = async (orderId: string = randomUUID(), key?: string) =>
    get().open({ orderId, amount }, within(5_000, key));
  const sums = async (orderId: string) => {
    const found = await get().find(orderId, AbortSignal.timeout(5_000));
    return found.map(({ held, captured }) => ({ held, captured }));
  };
  const taken = async (paymentMethod = good) => {
    const orderId = randomUUID();
    const id = await open(orderId);
    await get().authorize(id, paymentMethod, within(5_000));
    await get().capture(id, within(5_000));
    return { orderId, id };
  };
  const dollars = (minorUnits: bigint) => ({ ...amount, minorUnits });
  const refunded = async (orderId: string) =>
    (await get().find(orderId, AbortSignal.timeout(5_000))).map((payment) => payment.refunded);

  describe(`${name} as a payment provider`, () => {
    it('holds nothing for a payment that was only opened', async () => {
      const orderId = randomUUID();
      await open(orderId);
      expect(await sums(orderId)).toEqual([{ held: 0n, captured: 0n }]);
    });

    it('opens one payment under one key', async () => {
      const [orderId, key] = [randomUUID(), randomUUID()];
      const ids = await Promise.all([open(orderId, key), open(orderId, key), open(orderId, key)]);
      expect(new Set(ids).size).toBe(1);
      expect(await sums(orderId)).toHaveLength(1);
    });

    it('holds, then takes, once each however often it is asked', async () => {
      const orderId = randomUUID();
      const id = await open(orderId);
      const [authorize, capture] = [randomUUID(), randomUUID()];
      expect(await get().authorize(id, good, within(5_000, authorize))).toBe('authorized');
      expect(await get().authorize(id, good, within(5_000, authorize))).toBe('authorized');
      expect(await get().authorize(id, good, within(5_000))).toBe('authorized');
      expect(await sums(orderId)).toEqual([{ held: 1999n, captured: 0n }]);
      await get().capture(id, within(5_000, capture));
      await get().capture(id, within(5_000, capture));
      await get().capture(id, within(5_000));
      expect(await sums(orderId)).toEqual([{ held: 0n, captured: 1999n }]);
    });

    it.each([
      ['a card that is declined', declined],
      ['a payment method that it does not know', unknown],
    ])('declines %s and holds nothing', async (_, paymentMethod) => {
      const orderId = randomUUID();
      const id = await open(orderId);
      expect(await get().authorize(id, paymentMethod, within(5_000))).toBe('declined');
      expect(await sums(orderId)).toEqual([{ held: 0n, captured: 0n }]);
    });

    it('lets go what it holds, once', async () => {
      const orderId = randomUUID();
      const id = await open(orderId);
      await get().authorize(id, good, within(5_000));
      await get().cancel(id, within(5_000));
      await get().cancel(id, within(5_000));
      expect(await sums(orderId)).toEqual([{ held: 0n, captured: 0n }]);
    });

    it('never holds anything under what was canceled', async () => {
      const orderId = randomUUID();
      const id = await open(orderId);
      await get().cancel(id, within(5_000));
      expect(await get().authorize(id, good, within(5_000))).toBe('canceled');
      expect(await sums(orderId)).toEqual([{ held: 0n, captured: 0n }]);
    });

    it('refuses to take what it does not hold, and to let go what it has taken', async () => {
      const id = await open();
      await expect(get().capture(id, within(5_000))).rejects.toThrow(ProviderRefusedError);
      await get().authorize(id, good, within(5_000));
      await get().capture(id, within(5_000));
      await expect(get().cancel(id, within(5_000))).rejects.toThrow(ProviderRefusedError);
    });

    it('gives back what it took in parts, each once however often it is asked under its key', async () => {
      const { orderId, id } = await taken();
      const key = randomUUID();
      for (let time = 0; time < 3; time++) {
        expect(await get().refund(id, dollars(1200n), within(5_000, key))).toBe('refunded');
      }
      expect(await refunded(orderId)).toEqual([1200n]);
      expect(await get().refund(id, dollars(799n), within(5_000))).toBe('refunded');
      expect([await refunded(orderId), await sums(orderId)]).toEqual([[1999n], [{ held: 0n, captured: 1999n }]]);
    });

    it('never gives back more than it took, also when it is asked at the same time', async () => {
      const { orderId, id } = await taken();
      const asked = Array.from({ length: 8 }, () => get().refund(id, dollars(1000n), within(5_000)));
      const results = await Promise.allSettled(asked);
      expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      for (const result of results) {
        if (result.status === 'rejected') expect(result.reason).toBeInstanceOf(ProviderRefusedError);
      }
      expect(await refunded(orderId)).toEqual([1000n]);
    });

    it('says each time that a refund is declined, and gives nothing back', async () => {
      const { orderId, id } = await taken(refundDeclined);
      const key = randomUUID();
      expect(await get().refund(id, dollars(1n), within(5_000, key))).toBe('declined');
      expect(await get().refund(id, dollars(1n), within(5_000, key))).toBe('declined');
      expect(await refunded(orderId)).toEqual([0n]);
    });

    it('refuses to give back what it only holds', async () => {
      const id = await open();
      await get().authorize(id, good, within(5_000));
      await expect(get().refund(id, dollars(1n), within(5_000))).rejects.toThrow(ProviderRefusedError);
    });

    it('says that a result is unknown when the deadline has passed', async () => {
      const id = await open();
      const aborted = { key: randomUUID(), signal: AbortSignal.abort() };
      await expect(get().authorize(id, good, aborted)).rejects.toThrow(ProviderUnavailableError);
    });

    it('knows nothing of an order that it was not told of', async () => {
      expect(await sums(randomUUID())).toEqual([]);
    });
  });
}

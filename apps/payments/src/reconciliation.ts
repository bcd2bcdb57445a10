import { expectedSums, type Payment, type Sums } from './payment.js';
import type { ProviderPayment } from './provider.js';

/** One place where the books disagree, in the smallest unit of the payment's currency. */
export interface Drift {
  readonly book: 'ledger' | 'provider';
  readonly sum: keyof Sums;
  readonly expected: bigint;
  readonly found: bigint;
}

/** Where ledger and provider disagree with the payment; empty when all agree. */
export function driftOf(payment: Payment, ledger: Sums, atProvider: readonly ProviderPayment[]): Drift[] {
  const expected = expectedSums(payment);
  const provider = {
    held: atProvider.reduce((sum, { held }) => sum + held, 0n),
    captured: atProvider.reduce((sum, { captured }) => sum + captured, 0n),
    refunded: atProvider.reduce((sum, { refunded }) => sum + refunded, 0n),
  };
  const books = [['ledger', ledger] as const, ['provider', provider] as const];
  return books.flatMap(([book, sums]) =>
    (['held', 'captured', 'refunded'] as const)
      .filter((sum) => sums[sum] !== expected[sum])
      .map((sum) => ({ book, sum, expected: expected[sum], found: sums[sum] })),
  );
}

/** What the provider holds for an order that is over: nobody will ever take it, so it has to go. */
export function heldInVain(payment: Payment, atProvider: readonly ProviderPayment[]): ProviderPayment[] {
  const { held } = expectedSums(payment);
  return held > 0n ? [] : atProvider.filter((found) => found.held > 0n);
}

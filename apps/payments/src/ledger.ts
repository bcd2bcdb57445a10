import type { Amount } from './payment.js';

/**
 * `provider_held` / `customer_held`: what the provider keeps reserved for us, and that it is still the customer's.
 * `provider_receivable`: what the provider has taken and owes us. `sales`: what we earned; `refunds`: what of it went back,
 * in an account of its own, so that both sums can be read.
 */
export type Account = 'provider_held' | 'customer_held' | 'provider_receivable' | 'sales' | 'refunds';
/** Once per order. */
export type OrderEntry = 'HOLD' | 'RELEASE' | 'CAPTURE';
export type EntryKind = OrderEntry | 'REFUND';

export interface Posting {
  readonly account: Account;
  /** Positive: debit. Negative: credit. */
  readonly amount: Amount;
}

const DEBITS_AND_CREDITS: Readonly<Record<EntryKind, readonly (readonly [debit: Account, credit: Account])[]>> = {
  HOLD: [['provider_held', 'customer_held']],
  RELEASE: [['customer_held', 'provider_held']],
  CAPTURE: [
    ['customer_held', 'provider_held'],
    ['provider_receivable', 'sales'],
  ],
  REFUND: [['refunds', 'provider_receivable']],
};

/** The postings of one entry; they add up to zero. */
export function postingsOf(kind: EntryKind, { currencyCode, minorUnits }: Amount): Posting[] {
  return DEBITS_AND_CREDITS[kind].flatMap(([debit, credit]) => [
    { account: debit, amount: { currencyCode, minorUnits } },
    { account: credit, amount: { currencyCode, minorUnits: -minorUnits } },
  ]);
}

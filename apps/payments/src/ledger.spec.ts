import { type Account, type EntryKind, postingsOf } from './ledger.js';

const price = { currencyCode: 'USD', minorUnits: 1999n };

function balances(...kinds: EntryKind[]): Partial<Record<Account, bigint>> {
  const sums: Partial<Record<Account, bigint>> = {};
  for (const { account, amount } of kinds.flatMap((kind) => postingsOf(kind, price))) {
    sums[account] = (sums[account] ?? 0n) + amount.minorUnits;
  }
  return sums;
}

describe('the ledger', () => {
  it.each(['HOLD', 'RELEASE', 'CAPTURE', 'REFUND'] as const)('debits as much as it credits for a %s', (kind) => {
    const sum = postingsOf(kind, price).reduce((total, { amount }) => total + amount.minorUnits, 0n);
    expect(sum).toBe(0n);
  });

  it('shows what the provider holds', () => {
    expect(balances('HOLD')).toEqual({ provider_held: 1999n, customer_held: -1999n });
  });

  it('is where it began when a hold is released', () => {
    expect(balances('HOLD', 'RELEASE')).toEqual({ provider_held: 0n, customer_held: 0n });
  });

  it('shows a capture as earned and owed by the provider, and nothing held', () => {
    expect(balances('HOLD', 'CAPTURE')).toEqual({
      provider_held: 0n,
      customer_held: 0n,
      provider_receivable: 1999n,
      sales: -1999n,
    });
  });

  it('shows a refund beside the sale: the provider owes nothing any more', () => {
    expect(balances('HOLD', 'CAPTURE', 'REFUND')).toEqual({
      provider_held: 0n,
      customer_held: 0n,
      provider_receivable: 0n,
      sales: -1999n,
      refunds: 1999n,
    });
  });
});

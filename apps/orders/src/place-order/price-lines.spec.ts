import { DomainError } from '#libs/errors';
import { type Product, priceLines, refuseOtherTotal, refuseRepeatedSkus } from './price-lines.js';

const product = (sku: string, minorUnits: bigint, currencyCode = 'USD'): [string, Product] => [
  sku,
  { sku, title: `The ${sku}`, price: { currencyCode, minorUnits } },
];
const products = new Map([
  product('tea', 450n),
  product('pot', 2500n),
  product('chai', 300n, 'INR'),
  product('yacht', 99_000_000_000n),
]);

function refusal(work: () => unknown): DomainError {
  try {
    work();
  } catch (error) {
    if (error instanceof DomainError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

describe('pricing lines', () => {
  it('fixes title and price of each line and adds up the total', () => {
    const priced = priceLines(
      [
        { sku: 'tea', quantity: 3 },
        { sku: 'pot', quantity: 1 },
      ],
      products,
    );
    expect(priced.total).toEqual({ currencyCode: 'USD', minorUnits: 3850n });
    expect(priced.lines[0]).toEqual({
      ...{ sku: 'tea', title: 'The tea', quantity: 3 },
      unitPrice: { currencyCode: 'USD', minorUnits: 450n },
    });
  });

  it('names every line with an unknown product', () => {
    const wanted = ['tea', 'unicorn', 'pot', 'dragon'].map((sku) => ({ sku, quantity: 1 }));
    const error = refusal(() => priceLines(wanted, products));
    expect(error.code).toBe('UNKNOWN_SKU');
    expect(error.violations.map((violation) => violation.field)).toEqual(['lines[1].sku', 'lines[3].sku']);
  });

  it('refuses two currencies, naming the line that differs from the first', () => {
    const wanted = ['tea', 'chai'].map((sku) => ({ sku, quantity: 1 }));
    const error = refusal(() => priceLines(wanted, products));
    expect([error.code, error.violations[0]?.field]).toEqual(['MIXED_CURRENCIES', 'lines[1].sku']);
  });

  it('refuses a total that no Money can hold', () => {
    const error = refusal(() => priceLines([{ sku: 'yacht', quantity: 1000 }], products));
    expect([error.code, error.violations[0]?.field]).toEqual(['VALIDATION_FAILED', 'lines']);
  });

  it('refuses a second line of a product', () => {
    const wanted = ['tea', 'pot', 'tea'].map((sku) => ({ sku, quantity: 1 }));
    const error = refusal(() => refuseRepeatedSkus(wanted));
    expect([error.code, error.violations.map((one) => one.field)]).toEqual(['VALIDATION_FAILED', ['lines[2].sku']]);
  });
});

describe('the expected total', () => {
  const total = { currencyCode: 'USD', minorUnits: 3850n };

  it('may be missing or right', () => {
    expect(() => refuseOtherTotal(total, undefined)).not.toThrow();
    expect(() => refuseOtherTotal(total, { ...total })).not.toThrow();
  });

  it.each([
    { currencyCode: 'USD', minorUnits: 3849n },
    { currencyCode: 'EUR', minorUnits: 3850n },
  ])('is refused when it is another one, with the total as it is', (expected) => {
    const error = refusal(() => refuseOtherTotal(total, expected));
    expect(error).toMatchObject({ code: 'TOTAL_CHANGED', metadata: { currencyCode: 'USD', minorUnits: '3850' } });
  });
});

import { DomainError, type FieldViolation } from '#libs/errors';
import type { Money } from '../money.js';
import type { OrderLine } from '../order.js';

/** What an order needs to know of a product. */
export interface Product {
  readonly sku: string;
  readonly title: string;
  readonly price: Money;
}

export interface WantedLine {
  readonly sku: string;
  readonly quantity: number;
}

export interface PricedLines {
  readonly lines: readonly OrderLine[];
  readonly total: Money;
}

/** The most that store.type.v1.Money takes. */
const MAX_MINOR_UNITS = 100_000_000_000n;

/** One line per product: two lines of one sku are more often a client's mistake than a wish. */
export function refuseRepeatedSkus(lines: readonly WantedLine[]): void {
  refuseLines('VALIDATION_FAILED', lines, (line, at) =>
    lines.findIndex((other) => other.sku === line.sku) < at
      ? 'is in an earlier line: send one line per product'
      : undefined,
  );
}

/** Fixes prices and total. Throws UNKNOWN_SKU, MIXED_CURRENCIES, or VALIDATION_FAILED when the total is too large. */
export function priceLines(wanted: readonly WantedLine[], products: ReadonlyMap<string, Product>): PricedLines {
  refuseLines('UNKNOWN_SKU', wanted, ({ sku }) => (products.has(sku) ? undefined : 'there is no such product'));
  const lines = wanted.flatMap(({ sku, quantity }): OrderLine[] => {
    const product = products.get(sku);
    return product ? [{ sku, title: product.title, quantity, unitPrice: product.price }] : [];
  });
  const currencyCode = lines[0]?.unitPrice.currencyCode ?? '';
  refuseLines('MIXED_CURRENCIES', lines, ({ unitPrice }) =>
    unitPrice.currencyCode === currencyCode ? undefined : `is priced in ${unitPrice.currencyCode}, not ${currencyCode}`,
  );
  const minorUnits = lines.reduce((sum, line) => sum + line.unitPrice.minorUnits * BigInt(line.quantity), 0n);
  if (minorUnits > MAX_MINOR_UNITS) {
    const description = `the total is more than ${MAX_MINOR_UNITS} in the smallest unit of ${currencyCode}`;
    throw new DomainError('VALIDATION_FAILED', { violations: [{ field: 'lines', description }] });
  }
  return { lines, total: { currencyCode, minorUnits } };
}

/** Throws TOTAL_CHANGED, with the total as it is, when the client has seen another one. */
export function refuseOtherTotal(total: Money, expected: Money | undefined): void {
  if (!expected) return;
  if (expected.currencyCode === total.currencyCode && expected.minorUnits === total.minorUnits) return;
  throw new DomainError('TOTAL_CHANGED', {
    metadata: { currencyCode: total.currencyCode, minorUnits: String(total.minorUnits) },
  });
}

function refuseLines<L extends { sku: string }>(
  code: 'VALIDATION_FAILED' | 'UNKNOWN_SKU' | 'MIXED_CURRENCIES',
  lines: readonly L[],
  problem: (line: L, at: number) => string | undefined,
): void {
  const violations = lines.flatMap((line, at): FieldViolation[] => {
    const description = problem(line, at);
    return description ? [{ field: `lines[${at}].sku`, description, reason: code }] : [];
  });
  if (violations.length > 0) throw new DomainError(code, { violations });
}

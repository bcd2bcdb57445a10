import { create } from '@bufbuild/protobuf';
import { ReserveStockSchema } from '#libs/contracts';
import { parseWish } from './wish.js';

const orderId = '7d1a4f0e-58e9-4f54-9a3f-7f1c27f6a001';
interface Change {
  orderId?: string;
  lines?: { sku: string; quantity: number }[];
  ttl?: { seconds: bigint } | undefined;
}
const command = (more: Change = {}) =>
  create(ReserveStockSchema, {
    orderId,
    customerId: 'c',
    lines: [{ sku: 'kettle', quantity: 2 }],
    ttl: { seconds: 600n },
    ...more,
  });

describe('a wish for stock', () => {
  it('is read from its command', () => {
    expect(parseWish(command())).toEqual({
      orderId,
      customerId: 'c',
      lines: [{ sku: 'kettle', quantity: 2 }],
      ttlMs: 600_000,
    });
  });

  it.each([0, -1, -2147483648])('is refused when it would give units away: %i', (quantity) => {
    expect(() => parseWish(command({ lines: [{ sku: 'kettle', quantity }] }))).toThrow('a quantity is below 1');
  });

  it.each([[], Array.from({ length: 101 }, (_, i) => ({ sku: `s${i}`, quantity: 1 }))])(
    'is refused with no line, or more than a hundred',
    (...lines) => {
      expect(() => parseWish(command({ lines }))).toThrow('lines: 1 to 100');
    },
  );

  it.each([undefined, { seconds: 0n }, { seconds: -5n }, { seconds: 86_401n }])('is refused with ttl %p', (ttl) => {
    expect(() => parseWish(command({ ttl }))).toThrow('ttl is not between');
  });

  it('names its order and everything that is wrong', () => {
    expect(() => parseWish(command({ orderId: 'o-1', lines: [] }))).toThrow(
      'ReserveStock of order "o-1" is not valid: order_id is no UUID; lines: 1 to 100 are allowed',
    );
  });
});

import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { ProductSchema } from '#libs/contracts';
import type { ProductDetails } from './product.js';
import { applyMask } from './product-mask.js';

const kettle: ProductDetails = {
  title: 'Kettle',
  description: 'Boils.',
  price: { currencyCode: 'USD', minorUnits: 4495n },
  tags: ['kitchen'],
  imageUrl: '/kettle.svg',
  lowStockThreshold: 5,
};
const change = (from: MessageInitShape<typeof ProductSchema>, mask?: string[], details = kettle) =>
  applyMask(details, create(ProductSchema, from), mask);
const refusal = (call: () => unknown): unknown[] => {
  try {
    call();
  } catch (error) {
    const { violations } = error as { violations: { field: string; description: string }[] };
    return violations.map(({ field, description }) => `${field} ${description}`);
  }
  throw new Error('the change was taken');
};

describe('a change by mask', () => {
  it('takes what the mask names, also when it is empty, and nothing else', () => {
    const from = { title: 'Pot', price: { currencyCode: 'EUR', minorUnits: 1n } };
    expect(change(from, ['title', 'description', 'low_stock_threshold'])).toEqual({
      ...kettle,
      title: 'Pot',
      description: '',
      lowStockThreshold: undefined,
    });
  });

  it('takes a part of the price', () => {
    const price = { currencyCode: 'EUR', minorUnits: 1n };
    expect(change({ price }, ['price.minor_units']).price).toEqual({ currencyCode: 'USD', minorUnits: 1n });
    expect(change({ price }, ['price.currency_code']).price).toEqual({ currencyCode: 'EUR', minorUnits: 4495n });
    expect(change({ price }, ['price.minor_units', 'price.currency_code']).price).toEqual(price);
    expect(change({ price }, ['price']).price).toEqual(price);
  });

  it('replaces everything by *', () => {
    const whole = { title: 'Pot', price: { currencyCode: 'EUR', minorUnits: 0n } };
    expect(change(whole, ['*'])).toEqual({
      ...{ ...whole, description: '', tags: [], imageUrl: '', lowStockThreshold: undefined },
    });
  });

  it.each([[undefined], [[]]])('takes what the message has where there is no mask: %j', (mask) => {
    expect(change({ sku: 'kettle', title: 'Pot', tags: ['x'], lowStockThreshold: 0, available: 3 }, mask)).toEqual({
      ...{ ...kettle, title: 'Pot', tags: ['x'], lowStockThreshold: 0 },
    });
  });

  it('does not take the etag for a field', () => {
    expect(change({ title: 'Pot', etag: 'W/"1"' }, ['etag', 'title'])).toEqual({ ...kettle, title: 'Pot' });
  });

  it('names every path that is unknown or cannot be changed', () => {
    const mask = ['sku', 'title', 'colour', 'available', 'create_time', 'price.amount', '__proto__', 'constructor'];
    expect(refusal(() => change({ title: 'Pot' }, mask))).toEqual([
      'updateMask names sku, which cannot be changed',
      'updateMask names colour, which a product does not have',
      'updateMask names available, which cannot be changed',
      'updateMask names create_time, which cannot be changed',
      'updateMask names price.amount, which a product does not have',
      'updateMask names __proto__, which a product does not have',
      'updateMask names constructor, which a product does not have',
    ]);
  });

  it('holds the new values against the rules of a new product', () => {
    expect(refusal(() => change({}, ['title', 'price']))).toEqual([
      expect.stringMatching(/^product\.title /),
      expect.stringMatching(/^product\.price\.currencyCode /),
    ]);
    const bad = { tags: ['ok', ''], lowStockThreshold: -1, imageUrl: 'javascript:alert(1)' };
    expect(refusal(() => change(bad))).toEqual([
      expect.stringMatching(/^product\.tags\[1\] /),
      expect.stringMatching(/^product\.imageUrl /),
      expect.stringMatching(/^product\.lowStockThreshold /),
    ]);
  });

  it('does not mind what is older than its rule and stays', () => {
    const old = { ...kettle, imageUrl: 'kettle.svg' };
    expect(change({ title: 'Pot' }, ['title'], old)).toEqual({ ...old, title: 'Pot' });
  });
});

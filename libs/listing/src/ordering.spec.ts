import fc from 'fast-check';
import { sql } from 'kysely';
import { Ordering, parseOrderBy } from './ordering.js';

const names = ['sku', 'price', 'createTime'] as const;
const by = sql.ref('x');
const ordering = new Ordering({
  fields: { sku: { by, type: 'text' }, price: { by, type: 'int8' }, createTime: { by, type: 'timestamptz' } },
  unique: 'sku',
  otherwise: [{ field: 'price', direction: 'desc' }],
});
const keys = (orderBy: string) => ordering.keys(orderBy).map(({ type, direction }) => `${type} ${direction}`);

describe('order_by', () => {
  it('reads back every order, however many spaces it has', () => {
    const space = fc.constantFrom(' ', '  ', '\t');
    const term = fc.record({ field: fc.constantFrom(...names), direction: fc.constantFrom('asc', 'desc'), space });
    fc.assert(
      fc.property(fc.uniqueArray(term, { selector: ({ field }) => field, minLength: 1 }), (terms) => {
        const text = terms.map(({ field, direction, space }) => `${space}${field}${space}${direction}`).join(',');
        expect(parseOrderBy(text, names)).toEqual(terms.map(({ field, direction }) => ({ field, direction })));
      }),
    );
  });

  it('ascends where it does not say', () => {
    expect(parseOrderBy('price, sku desc', names)).toEqual([
      { field: 'price', direction: 'asc' },
      { field: 'sku', direction: 'desc' },
    ]);
  });

  it('takes names as in json and as in the proto', () => {
    expect(parseOrderBy('create_time', names)).toEqual(parseOrderBy('createTime', names));
  });

  it.each([
    ['nothing', 'cannot sort by "nothing"; fields are sku, price, createTime'],
    ['price,', 'has an empty term; fields are sku, price, createTime'],
    ['price up', 'has "up" after price, where only asc or desc can be'],
    ['price DESC', 'has "DESC" after price, where only asc or desc can be'],
    ['price desc desc', 'has "desc desc" after price, where only asc or desc can be'],
    ['price, sku, price desc', 'names price twice'],
    ['constructor', 'cannot sort by "constructor"; fields are sku, price, createTime'],
    ['sku; DROP TABLE products', 'cannot sort by "sku;"; fields are sku, price, createTime'],
  ])('says what is wrong with %s', (text, description) => {
    expect(() => parseOrderBy(text, names)).toThrow(
      expect.objectContaining({
        code: 'VALIDATION_FAILED',
        violations: [expect.objectContaining({ field: 'orderBy', description })],
      }),
    );
  });

  it('takes or refuses any text, and fails in no other way', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        try {
          ordering.keys(text);
        } catch (error) {
          expect(error).toHaveProperty('code', 'VALIDATION_FAILED');
        }
      }),
    );
  });
});

describe('an order', () => {
  it('always ends with the key that no two rows share', () => {
    expect(keys('createTime')).toEqual(['timestamptz asc', 'text asc']);
    expect(keys('createTime desc')).toEqual(['timestamptz desc', 'text desc']);
    expect(keys('sku desc, price')).toEqual(['text desc']);
  });

  it('is the usual one where none is asked for', () => {
    expect(keys('')).toEqual(['int8 desc', 'text desc']);
    expect(keys('  ')).toEqual(keys(''));
  });
});

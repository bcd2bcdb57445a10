import { randomUUID } from 'node:crypto';
import { Inventory } from '#libs/contracts';
import { fromServiceError, type ReceivedError } from '#libs/errors';
import type { GrpcClient } from '#libs/service';
import type { TestService } from '#libs/testing';
import { someone, startInventory } from '../../test/inventory-service.js';

type ListRequest = Parameters<GrpcClient<typeof Inventory>['listProducts']>[0];

const admin = someone('products:write', 'stock:write');
let service: TestService;
let inventory: GrpcClient<typeof Inventory>;

beforeAll(async () => {
  service = await startInventory();
  inventory = service.client(Inventory, { subject: 'anonymous', scopes: [] });
}, 120_000);

afterAll(() => service?.close());

/** Products of one test only: it lists by the tag that it gets. */
async function stock(
  products: Readonly<Record<string, { title?: string; cents?: number; tags?: string[]; text?: string }>>,
) {
  const tag = `tag-${randomUUID()}`;
  for (const [sku, { title = 'Thing', cents = 100, tags = [], text = '' }] of Object.entries(products)) {
    const price = { currencyCode: 'USD', minorUnits: BigInt(cents) };
    const product = { sku: `${sku}.${tag}`, title, description: text, price, tags: [tag, ...tags], imageUrl: '' };
    await inventory.createProduct(product, admin);
  }
  const list = (request: ListRequest = {}) =>
    inventory.listProducts({ ...request, tags: [tag, ...(request.tags ?? [])] });
  const skus = async (request: ListRequest = {}) =>
    (await list(request)).products.map(({ sku }) => sku.slice(0, sku.indexOf('.')));
  return { tag, list, skus };
}

const refusal = async (call: Promise<unknown>): Promise<ReceivedError> =>
  call.then(
    () => Promise.reject(new Error('the call was not refused')),
    (error) => fromServiceError(error),
  );

describe('searching products', () => {
  it('finds words in title, description, tags and sku, in any form, the last one from its beginning', async () => {
    const { skus } = await stock({
      espresso: { title: 'Espresso Machine "Rush Hour"', text: 'Warm in forty seconds.', tags: ['kitchen'] },
      kettle: { title: 'Electric Kettle', text: 'Boils a pot.', tags: ['kitchen', 'electronics'] },
    });
    const finds = (query: string) => skus({ query });
    expect(await finds('machines')).toEqual(['espresso']);
    expect(await finds('RUSH hour')).toEqual(['espresso']);
    expect(await finds('boiling')).toEqual(['kettle']);
    expect(await finds('electronics')).toEqual(['kettle']);
    expect(await finds('esp')).toEqual(['espresso']);
    expect(await finds('electric machine')).toEqual([]);
    expect(await finds('"hour rush"')).toEqual([]);
    expect(await finds('kitchen -boils')).toEqual(['espresso']);
    expect(await finds('espresso or kettle')).toHaveLength(2);
    expect(await finds('  ')).toHaveLength(2);
  });

  it('shows the best match first where no other order is asked for', async () => {
    const { skus } = await stock({
      a: { title: 'Filter', text: 'For coffee.' },
      b: { title: 'Coffee' },
      c: { title: 'Cup', tags: ['coffee'] },
    });
    expect(await skus({ query: 'coffee' })).toEqual(['b', 'c', 'a']);
    expect(await skus({ query: 'coffee', orderBy: 'relevance' })).toEqual(['a', 'c', 'b']);
    expect(await skus({ query: 'coffee', orderBy: 'sku' })).toEqual(['a', 'b', 'c']);
    expect(await refusal(skus({ orderBy: 'relevance' }))).toMatchObject({ violations: [{ field: 'orderBy' }] });
  });

  it.each(['', "'", '"', "' | !", '& :* <->', '\\', '%', '-', 'the', '(()', 'a:b', "o'neil's", '😀', '"a" -"b"'])(
    'takes any text: %s',
    async (query) => {
      const { products } = await inventory.listProducts({ query });
      expect(Array.isArray(products)).toBe(true);
    },
  );
});

describe('filtering products', () => {
  it('wants all of the tags', async () => {
    const { skus } = await stock({ a: { tags: ['x', 'y'] }, b: { tags: ['x'] }, c: { tags: ['y'] } });
    expect(await skus({ tags: ['x'] })).toEqual(['a', 'b']);
    expect(await skus({ tags: ['y', 'x'] })).toEqual(['a']);
    expect(await skus({ tags: ['z'] })).toEqual([]);
  });

  it('takes a condition on price, text, tags, time and what is available', async () => {
    const { skus, tag } = await stock({
      a: { cents: 1999, title: 'Coffee Beans' },
      b: { cents: 24900, title: 'Espresso Machine', tags: ['x'] },
      c: { cents: 50 },
    });
    const delivery = { sku: `c.${tag}`, warehouse: 'main', delta: 3, reason: 'delivery' };
    await inventory.adjustStock(delivery, admin);
    expect(await skus({ filter: 'price.minorUnits < 20000' })).toEqual(['a', 'c']);
    expect(await skus({ filter: 'price.minor_units < 20000 AND -title:coffee' })).toEqual(['c']);
    expect(await skus({ filter: 'tags:x OR available > 0' })).toEqual(['b', 'c']);
    expect(await skus({ filter: 'price.currencyCode != USD' })).toEqual([]);
    expect(await skus({ filter: 'createTime > "2020-01-01T00:00:00Z" available = 0' })).toEqual(['a', 'b']);
    expect(await refusal(skus({ filter: 'color = red' }))).toMatchObject({
      reason: 'VALIDATION_FAILED',
      violations: [
        { field: 'filter', description: expect.stringContaining('at character 1: there is no field color') },
      ],
    });
  });
});

describe('sorting products', () => {
  it('goes by sku, title without case, price or time, either way', async () => {
    const { skus } = await stock({
      c: { title: 'apple', cents: 300 },
      a: { title: 'Banana', cents: 100 },
      b: { title: 'cherry', cents: 200 },
    });
    expect(await skus()).toEqual(['a', 'b', 'c']);
    expect(await skus({ orderBy: 'sku desc' })).toEqual(['c', 'b', 'a']);
    expect(await skus({ orderBy: 'title' })).toEqual(['c', 'a', 'b']);
    expect(await skus({ orderBy: 'price desc' })).toEqual(['c', 'b', 'a']);
    expect(await skus({ orderBy: 'createTime desc' })).toEqual(['b', 'a', 'c']);
  });

  it.each(['', 'title desc, price', 'price, title desc', 'createTime desc', 'relevance desc, title'])(
    'shows every product once over all pages, whatever is added on the way, by "%s"',
    async (orderBy) => {
      const names = Array.from({ length: 11 }, (_, i) => `p${String(i).padStart(2, '0')}`);
      const { list, skus, tag } = await stock(
        Object.fromEntries(names.map((sku, i) => [sku, { title: `Thing ${i % 3}`, cents: i % 2 }])),
      );
      const query = orderBy.startsWith('relevance') ? 'thing' : '';
      const all = await skus({ orderBy, query, pageSize: 100 });
      const seen: string[] = [];
      for (let pageToken = ''; ; ) {
        const page = await list({ orderBy, query, pageSize: 3, pageToken });
        seen.push(...page.products.map(({ sku }) => sku));
        pageToken = page.nextPageToken;
        if (!pageToken) break;
        const price = { currencyCode: 'USD', minorUnits: 1n };
        await inventory.createProduct({ sku: `n-${randomUUID()}`, title: 'Thing 1', price, tags: [tag] }, admin);
      }
      expect(all).toHaveLength(11);
      expect(seen.filter((sku) => sku.startsWith('p')).map((sku) => sku.slice(0, 3))).toEqual(all);
      expect(new Set(seen).size).toBe(seen.length);
    },
  );

  it('refuses a page token that was given for another list', async () => {
    const { list } = await stock({ a: {}, b: {}, c: {} });
    const { nextPageToken: pageToken } = await list({ pageSize: 1 });
    expect((await list({ pageSize: 2, pageToken })).products).toHaveLength(2);
    for (const other of [{ orderBy: 'price' }, { query: 'thing' }, { filter: 'available = 0' }, { tags: ['x'] }]) {
      expect(await refusal(list({ ...other, pageToken }))).toMatchObject({
        reason: 'VALIDATION_FAILED',
        violations: [{ field: 'pageToken', description: expect.stringContaining('start again without it') }],
      });
    }
  });
});

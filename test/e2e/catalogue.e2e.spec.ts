import { randomUUID } from 'node:crypto';
import { sharedStore, until } from '#libs/testing';
import { type Answer, expectStatus, Shop, textIn } from './shop.js';

let shop: Shop;
let admin: string;

beforeAll(async () => {
  shop = new Shop((await sharedStore()).gateway.url);
  admin = (await shop.admin()).token;
}, 200_000);

const patch = (sku: string, body: unknown, query = '') =>
  shop.call('PATCH', `/v1/products/${sku}${query}`, { token: admin, body });
const violations = ({ status, body }: Answer) => ({ status, violations: body?.violations });

describe('the catalogue through the gateway', () => {
  it('changes what the body of a PATCH names, and the next order has the new price', async () => {
    const sku = await shop.product(10);
    const before = expectStatus(await shop.call('GET', `/v1/products/${sku}`), 200);
    const { token } = await shop.signUp();
    const first = textIn(expectStatus(await shop.submit(token, { sku }), 201), 'id');

    const price = { minorUnits: '777' };
    const after = expectStatus(await patch(sku, { title: 'Renamed', price, etag: before.etag }), 200);
    expect(after).toEqual({
      ...{ ...before, title: 'Renamed', price: { ...(before.price as object), ...price } },
      ...{ etag: after.etag, updateTime: after.updateTime, available: after.available },
    });
    expect(violations(await patch(sku, { title: 'Lost', etag: before.etag })).status).toBe(409);

    const submitted = await until(
      async () => {
        const order = expectStatus(await shop.submit(token, { sku }), 201);
        return (order.total as { minorUnits: string }).minorUnits === '777' && order;
      },
      { what: 'orders to know the new price', timeout: 30_000, interval: 500 },
    );
    expect(submitted.lines).toMatchObject([{ title: 'Renamed' }]);
    const ended = await shop.ended(token, first);
    expect(ended.lines).toMatchObject([{ title: before.title, unitPrice: before.price }]);
  });

  it('empties what the mask names and the body lacks, and names paths that it does not take', async () => {
    const sku = await shop.product(1);
    expectStatus(await patch(sku, { description: 'Words.', lowStockThreshold: 3 }), 200);
    const emptied = expectStatus(await patch(sku, {}, '?updateMask=description,lowStockThreshold'), 200);
    expect(emptied).not.toHaveProperty('lowStockThreshold');
    expect(emptied.description ?? '').toBe('');
    expect(violations(await patch(sku, { sku: 'other', title: 'x', available: 5 }))).toMatchObject({
      status: 400,
      violations: expect.arrayContaining([
        expect.objectContaining({ field: 'updateMask', description: 'names available, which cannot be changed' }),
      ]),
    });
    expect(violations(await patch(sku, { title: '' }))).toMatchObject({
      status: 400,
      violations: [expect.objectContaining({ field: 'product.title' })],
    });
  });

  it('finds, filters and sorts, page by page', async () => {
    const word = `w${randomUUID().replaceAll('-', '')}`;
    const skus = await Promise.all([1, 2, 3].map(() => shop.product(1)));
    for (const [at, sku] of skus.entries()) {
      expectStatus(
        await patch(sku, { title: `${word} ${3 - at}`, tags: [word, `t${at % 2}`], price: { minorUnits: `${at}` } }),
        200,
      );
    }
    const list = (query: string) => shop.call('GET', `/v1/products?${query}`);
    const found = async (query: string) =>
      (expectStatus(await list(query), 200).products as { sku: string }[]).map(({ sku }) => skus.indexOf(sku));
    expect(await found(`query=${word}&orderBy=price%20desc`)).toEqual([2, 1, 0]);
    expect(await found(`tags=${word}&orderBy=title`)).toEqual([2, 1, 0]);
    expect(await found(`tags=${word}&tags=t0&orderBy=price`)).toEqual([0, 2]);
    const filter = encodeURIComponent(`tags:${word} AND price.minorUnits >= 1`);
    expect(await found(`filter=${filter}&orderBy=price`)).toEqual([1, 2]);

    const { nextPageToken } = expectStatus(await list(`tags=${word}&orderBy=price&pageSize=2`), 200);
    const token = encodeURIComponent(String(nextPageToken));
    expect(await found(`tags=${word}&orderBy=price&pageSize=5&pageToken=${token}`)).toEqual([2]);
    for (const query of [`tags=${word}&orderBy=title&pageToken=${token}`, 'pageToken=abc']) {
      expect(violations(await list(query))).toMatchObject({
        status: 400,
        violations: [expect.objectContaining({ field: 'pageToken' })],
      });
    }
    expect(violations(await list('orderBy=colour'))).toMatchObject({ violations: [{ field: 'orderBy' }] });
    expect(violations(await list('filter=colour%3D1'))).toMatchObject({ violations: [{ field: 'filter' }] });
  });

  it('shows stock and its movements to administrators only', async () => {
    const sku = await shop.product(4);
    const { token } = await shop.signUp();
    const paths = [`/v1/products/${sku}/stock`, `/v1/products/${sku}/stock/movements`] as const;
    for (const path of paths) expect((await shop.call('GET', path, { token })).status).toBe(403);
    await shop.ended(token, textIn(expectStatus(await shop.submit(token, { sku }), 201), 'id'));
    expect(expectStatus(await shop.call('GET', paths[0], { token: admin }), 200)).toMatchObject({
      warehouses: [{ warehouse: 'main', stocked: 4, sold: 1, available: 3 }],
    });
    const { movements } = expectStatus(await shop.call('GET', paths[1], { token: admin }), 200);
    expect((movements as { cause: string }[]).map(({ cause }) => cause)).toEqual(['CLAIMED', 'RESERVED', 'ADJUSTED']);
  });

  it('answers an adjustment beyond all limits 400, naming delta', async () => {
    const sku = await shop.product(1);
    const adjust = (delta: number) =>
      shop.call('POST', `/v1/products/${sku}:adjustStock`, {
        token: admin,
        body: { warehouse: 'main', delta, reason: 'count' },
      });
    expect(violations(await adjust(-2))).toMatchObject({ status: 400, violations: [{ field: 'delta' }] });
    expect(violations(await adjust(2_000_000))).toMatchObject({ status: 400, violations: [{ field: 'delta' }] });
  });
});

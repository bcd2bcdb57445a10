import { randomUUID } from 'node:crypto';
import { Inventory } from '#libs/contracts';
import { fromServiceError, type ReceivedError } from '#libs/errors';
import type { GrpcClient } from '#libs/service';
import type { TestService } from '#libs/testing';
import { someone, startInventory } from '../../test/inventory-service.js';
import { OrdersPeer } from '../../test/orders-peer.js';

const admin = someone('products:write', 'stock:write', 'stock:read');
let service: TestService;
let inventory: GrpcClient<typeof Inventory>;
let peer: OrdersPeer;

beforeAll(async () => {
  service = await startInventory();
  inventory = service.client(Inventory, { subject: 'anonymous', scopes: [] });
  peer = await OrdersPeer.start(service.kafka);
}, 120_000);

afterAll(async () => {
  await peer?.close();
  await service?.close();
});

const create = () => {
  const price = { currencyCode: 'USD', minorUnits: 4495n };
  const product = { sku: `p-${randomUUID()}`, title: 'Kettle', description: 'Boils.', price, tags: ['kitchen'] };
  return inventory.createProduct(product, admin);
};
type Update = Parameters<typeof inventory.updateProduct>[0];
const update = (product: Update['product'], paths?: string[]) =>
  inventory.updateProduct({ product, ...(paths && { updateMask: { paths } }) }, admin);
const refusal = async (call: Promise<unknown>): Promise<ReceivedError> =>
  call.then(
    () => Promise.reject(new Error('the call was not refused')),
    (error) => fromServiceError(error),
  );

describe('changing a product', () => {
  it('changes what the mask names and tells orders the new price and title', async () => {
    const before = await create();
    const { sku } = before;
    const price = { currencyCode: 'USD', minorUnits: 3995n };
    const after = await update({ sku, title: 'Kettle 2', price, description: 'lost' }, ['title', 'price']);
    expect(after).toMatchObject({ title: 'Kettle 2', price, description: 'Boils.', tags: ['kitchen'] });
    expect(after.etag).not.toBe(before.etag);
    expect(await inventory.getProduct({ sku })).toEqual(after);
    const [, event] = await peer.received(sku, 2);
    expect(event).toMatchObject({
      $typeName: 'store.inventory.v1.ProductUpdated',
      title: 'Kettle 2',
      price,
      version: 2n,
    });
  });

  it('is found by its new words and no longer by the old ones', async () => {
    const { sku } = await create();
    const word = `w${randomUUID().replaceAll('-', '')}`;
    await update({ sku, title: word });
    expect((await inventory.listProducts({ query: word })).products).toMatchObject([{ sku }]);
    await update({ sku, title: 'Other' });
    expect((await inventory.listProducts({ query: word })).products).toEqual([]);
  });

  it('makes no new version and tells nobody where nothing changes', async () => {
    const before = await create();
    const { sku } = before;
    expect(await update({ sku, title: 'Kettle', price: before.price })).toEqual(before);
    await update({ sku, title: 'Pot' });
    const events = await peer.received(sku, 2);
    expect(events.map((event) => 'version' in event && event.version)).toEqual([1n, 2n]);
  });

  it('refuses a change of a version that is no longer there, and takes one of this version', async () => {
    const { sku, etag } = await create();
    const second = await update({ sku, title: 'Second', etag });
    expect(await refusal(update({ sku, title: 'Lost', etag }))).toMatchObject({ reason: 'ETAG_MISMATCH', grpc: 10 });
    expect(await update({ sku, title: 'Third', etag: second.etag })).toMatchObject({ title: 'Third' });
  });

  it('lets one of several changes of one version win, and loses none without an etag', async () => {
    const { sku, etag } = await create();
    const names = Array.from({ length: 8 }, (_, i) => `Name ${i}`);
    const raced = await Promise.allSettled(names.map((title) => update({ sku, title, etag })));
    expect(raced.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    await Promise.all(names.map((title) => update({ sku, title: `${title}!` })));
    const events = await peer.received(sku, 10);
    expect(events.map((event) => 'version' in event && event.version)).toEqual(
      Array.from({ length: 10 }, (_, i) => BigInt(i + 1)),
    );
  });

  it('keeps the etag while only stock changes', async () => {
    const { sku, etag } = await create();
    const adjusted = await inventory.adjustStock({ sku, warehouse: 'main', delta: 3, reason: 'delivery' }, admin);
    expect(adjusted.etag).toBe(etag);
  });

  it('refuses paths and values by name, unknown products, and callers without the scope', async () => {
    const { sku } = await create();
    expect(await refusal(update({ sku, title: 'x' }, ['title', 'sku']))).toMatchObject({
      reason: 'VALIDATION_FAILED',
      violations: [{ field: 'updateMask', description: 'names sku, which cannot be changed' }],
    });
    expect(await refusal(update({ sku }, ['title']))).toMatchObject({ violations: [{ field: 'product.title' }] });
    expect(await refusal(update({ sku: 'no-such-thing', title: 'x' }))).toMatchObject({ reason: 'PRODUCT_NOT_FOUND' });
    const customer = someone('orders:write', 'stock:write');
    expect(await refusal(inventory.updateProduct({ product: { sku, title: 'x' } }, customer))).toMatchObject({
      reason: 'PERMISSION_DENIED',
    });
  });
});

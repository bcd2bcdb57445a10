import { randomUUID } from 'node:crypto';
import { ProductUpdatedSchema } from '#libs/contracts';
import { until } from '#libs/testing';
import type { Customer } from './customer.js';
import { Stage } from './stage.js';

let stage: Stage;
let customer: Customer;

beforeAll(async () => {
  stage = await Stage.open();
  customer = stage.customer();
}, 120_000);

afterAll(() => stage?.close());

const updated = (sku: string, version: bigint, minorUnits: bigint) =>
  stage.partner.says(ProductUpdatedSchema, {
    ...{ sku, version, title: `Version ${version}` },
    price: { currencyCode: 'USD', minorUnits },
  });
const known = async (sku: string) =>
  (await stage.rows('SELECT title, price_minor_units FROM products WHERE sku = $1', sku))[0];
const toKnow = (sku: string, title: string) =>
  until(async () => (await known(sku))?.title === title, { what: `orders to know ${title}`, timeout: 30_000 });

describe('a product that is changed', () => {
  it('is sold at its new price and title, and orders that were accepted before keep theirs', async () => {
    const sku = `cup-${randomUUID()}`;
    await stage.catalogue(sku, 300n);
    const before = await customer.place({ lines: [{ sku, quantity: 2 }] });
    await updated(sku, 2n, 250n);
    await toKnow(sku, 'Version 2');
    const after = await customer.place({ lines: [{ sku, quantity: 2 }] });
    expect(after.lines).toMatchObject([{ title: 'Version 2', unitPrice: { minorUnits: 250n } }]);
    expect(after.total).toMatchObject({ minorUnits: 500n });
    expect(await customer.get(before.id)).toMatchObject({
      lines: [{ title: `The ${sku}`, unitPrice: { minorUnits: 300n } }],
      total: { minorUnits: 600n },
    });
  });

  it('is known by its newest version, in whichever order the versions are told', async () => {
    const sku = `cup-${randomUUID()}`;
    await stage.catalogue(sku, 300n);
    const handled = async () => Number((await stage.rows('SELECT count(*) FROM inbox'))[0]?.count);
    const before = await handled();
    for (const version of [4n, 2n, 3n]) await updated(sku, version, version * 100n);
    await until(async () => (await handled()) >= before + 3, { what: 'all three to be handled', timeout: 30_000 });
    expect(await known(sku)).toEqual({ title: 'Version 4', price_minor_units: '400' });
  });

  it('is known when its first news is a change', async () => {
    const sku = `cup-${randomUUID()}`;
    await updated(sku, 7n, 700n);
    await toKnow(sku, 'Version 7');
  });
});

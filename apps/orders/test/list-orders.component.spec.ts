import { randomUUID } from 'node:crypto';
import type { MessageInitShape } from '@bufbuild/protobuf';
import { timestampDate } from '@bufbuild/protobuf/wkt';
import type { ListOrdersRequestSchema } from '#libs/contracts';
import { type Customer, refusalOf } from './customer.js';
import { Stage } from './stage.js';

type Request = MessageInitShape<typeof ListOrdersRequestSchema>;

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.open();
});
afterAll(() => stage.close());

const admin = () => stage.customer(randomUUID(), 'orders:read orders:read:all');
const cup = (quantity: number) => ({ lines: [{ sku: 'tea', quantity }] });
const pot = { lines: [{ sku: 'pot', quantity: 1 }] };

/** A customer with orders of 1, 2, 3 teas and a pot, each in a millisecond of its own; the ids as they were placed. */
async function shopper(): Promise<{ customer: Customer; ids: string[] }> {
  const customer = stage.customer();
  const ids: string[] = [];
  for (const wanted of [cup(1), cup(2), cup(3), pot]) {
    const { id } = await customer.place(wanted);
    await stage.rows(`UPDATE orders SET created_at = created_at + $2 * interval '1 s' WHERE id = $1`, id, ids.length);
    ids.push(id);
  }
  return { customer, ids };
}

/** Ids of all orders on all pages. */
async function all(customer: Customer, request: Request = {}): Promise<string[]> {
  const ids: string[] = [];
  for (let pageToken = ''; ; ) {
    const page = await customer.listBy({ ...request, pageToken });
    ids.push(...page.orders.map(({ id }) => id));
    pageToken = page.nextPageToken;
    if (!pageToken) return ids;
  }
}

describe('a list of orders', () => {
  it('is newest first, in pages that share nothing and miss nothing, whatever is placed meanwhile', async () => {
    const { customer, ids } = await shopper();
    const first = await customer.listBy({ pageSize: 3 });
    expect(first.orders.map(({ id }) => id)).toEqual(ids.toReversed().slice(0, 3));
    await stage.rows(`UPDATE orders SET created_at = created_at + interval '1 h' WHERE id = $1`, ids[2]);
    const { id } = await customer.place(pot);
    await stage.rows(`UPDATE orders SET created_at = created_at + interval '1 h' WHERE id = $1`, id);
    const second = await customer.listBy({ pageSize: 3, pageToken: first.nextPageToken });
    expect([second.orders.map((order) => order.id), second.nextPageToken]).toEqual([[ids[0]], '']);
  });

  it.each<[orderBy: string, places: number[]]>([
    ['createTime', [0, 1, 2, 3]],
    ['create_time desc', [3, 2, 1, 0]],
    ['total', [0, 1, 2, 3]],
    ['total desc, createTime', [3, 2, 1, 0]],
  ])('is sorted by %s, over pages of one', async (orderBy, places) => {
    const { customer, ids } = await shopper();
    expect(await all(customer, { orderBy, pageSize: 1 })).toEqual(places.map((place) => ids[place]));
  });

  it.each<[filter: string, places: number[]]>([
    ['total.minorUnits > 900', [3, 2]],
    ['total.minorUnits >= 900 AND total.minorUnits < 2500', [2, 1]],
    ['lines.sku:pot', [3]],
    ['NOT lines.sku:tea', [3]],
    ['state = "PENDING"', [3, 2, 1, 0]],
    ['state = CONFIRMED OR total.currencyCode = "EUR"', []],
    ['createTime > "2020-01-01T00:00:00Z" AND updateTime < "2020-01-01T00:00:00Z"', []],
  ])('is filtered by %s', async (filter, places) => {
    const { customer, ids } = await shopper();
    expect(await all(customer, { filter, pageSize: 1 })).toEqual(places.map((place) => ids[place]));
  });

  it('tells each order with its lines, refunds and customer', async () => {
    const { customer, ids } = await shopper();
    const { orders } = await customer.listBy({});
    expect(orders.map(({ lines }) => lines.map(({ sku }) => sku))).toEqual([['pot'], ['tea'], ['tea'], ['tea']]);
    expect(orders[0]).toMatchObject({ id: ids[3], customerId: customer.subject, refunds: [] });
    const { createTime } = orders[3] ?? {};
    expect(createTime && timestampDate(createTime).getTime()).toBeGreaterThan(0);
  });

  it.each<[request: Request, field: string]>([
    [{ filter: 'state = "SHIPPED"' }, 'filter'],
    [{ filter: 'requestFingerprint:"x"' }, 'filter'],
    [{ filter: 'total = 5' }, 'filter'],
    [{ orderBy: 'customerId' }, 'orderBy'],
    [{ pageToken: 'bm9uc2Vuc2U' }, 'pageToken'],
    [{ pageSize: 101 }, 'pageSize'],
  ])('refuses %j, naming the field', async (request, field) => {
    const refusal = await refusalOf(stage.customer().listBy(request));
    expect([refusal.reason, refusal.violations.map((one) => one.field)]).toEqual(['VALIDATION_FAILED', [field]]);
  });

  it('refuses a page token of another filter, order or customer', async () => {
    const { customer } = await shopper();
    const { nextPageToken: pageToken } = await customer.listBy({ pageSize: 1 });
    const others = [
      customer.listBy({ pageToken, filter: 'lines.sku:tea' }),
      customer.listBy({ pageToken, orderBy: 'total' }),
      stage.customer().listBy({ pageToken }),
    ];
    for (const other of others) {
      expect((await refusalOf(other)).violations).toMatchObject([{ field: 'pageToken' }]);
    }
  });
});

describe('orders of others', () => {
  it('are reached by no filter', async () => {
    const [{ ids }, stranger] = [await shopper(), stage.customer()];
    const mine = (await stranger.place(pot)).id;
    for (const filter of [
      'customerId:*',
      'NOT customerId = "x"',
      'state = PENDING OR state != PENDING',
      `lines.sku:tea OR createTime > "2020-01-01T00:00:00Z"`,
    ]) {
      const seen = await all(stranger, { filter });
      expect(seen).toEqual([mine]);
      expect(seen).not.toContain(ids[0]);
    }
  });

  it('are refused to who may not read them all', async () => {
    const refusal = await refusalOf(stage.customer().listBy({ allCustomers: true }));
    expect(refusal.reason).toBe('PERMISSION_DENIED');
  });

  it('are listed to admins who ask for them, also by customer; without asking, an admin sees the own ones', async () => {
    const [one, other] = [await shopper(), await shopper()];
    const reader = admin();
    expect(await all(reader)).toEqual([]);
    const theirs = [one, other].map(({ customer }) => `customerId = "${customer.subject}"`).join(' OR ');
    const request = { allCustomers: true, filter: theirs, orderBy: 'createTime', pageSize: 3 };
    expect((await all(reader, request)).toSorted()).toEqual([...one.ids, ...other.ids].toSorted());
    const everything = await all(reader, { allCustomers: true, pageSize: 100 });
    expect(everything).toEqual(expect.arrayContaining([...one.ids, ...other.ids]));
  });
});

import { create } from '@bufbuild/protobuf';
import pg from 'pg';
import { Inventory, Orders } from '#libs/contracts';
import { Database } from '#libs/database';
import { type TestDatabase, testDatabase } from '#libs/testing';
import { PageTokens } from './index.js';
import { PageTokenKeyStore } from './page-token-key.store.js';

const method = Inventory.method.listProducts;
const cursor = ['1999', 'coffee-beans-1kg'];
type Request = Parameters<typeof create<typeof method.input>>[1];
const call = (request: Request = {}, subject?: string) => ({ method, request: create(method.input, request), subject });

let test: TestDatabase;
let database: Database;
let admin: pg.Pool;
let tokens: PageTokens;
const replica = () => new PageTokens(new PageTokenKeyStore(database));

beforeAll(async () => {
  test = await testDatabase('inventory');
  database = new Database({ url: test.url, applicationName: 'test' });
  admin = new pg.Pool({ connectionString: test.adminUrl, options: '-c search_path=inventory', max: 1 });
  tokens = replica();
});

afterAll(async () => {
  await admin?.end();
  await database?.close();
  await test?.close();
});

const tokenOf = async (...asked: Parameters<typeof call>) => (await tokens.open(call(...asked))).tokenFor(cursor);
const open = (pageToken: string, more: Request = {}, subject?: string) =>
  tokens.open(call({ ...more, pageToken }, subject));
const refused = expect.objectContaining({
  code: 'VALIDATION_FAILED',
  violations: [expect.objectContaining({ field: 'pageToken', description: expect.stringContaining('start again') })],
});

describe('a page token', () => {
  it('leads to where the page before ended', async () => {
    expect(await open(await tokenOf())).toMatchObject({ after: cursor });
  });

  it('is not needed for the first page and not given after the last', async () => {
    const page = await tokens.open(call());
    expect(page).toMatchObject({ after: undefined, size: 20 });
    expect(page.tokenFor(undefined)).toBe('');
  });

  it('stays good when the size of the page changes, and only then', async () => {
    const query = { query: 'beans', tags: ['coffee'], orderBy: 'price' };
    const token = await tokenOf({ ...query, pageSize: 5 });
    expect(await open(token, { ...query, pageSize: 50 })).toMatchObject({ after: cursor, size: 50 });
    for (const other of [{ query: 'bean' }, { tags: [] }, { tags: ['coffee', 'kitchen'] }, { orderBy: 'price desc' }]) {
      await expect(open(token, { ...query, ...other })).rejects.toEqual(refused);
    }
  });

  it('is good for nobody else', async () => {
    const token = await tokenOf({}, 'ada');
    expect(await open(token, {}, 'ada')).toMatchObject({ after: cursor });
    await expect(open(token, {}, 'bob')).rejects.toEqual(refused);
    await expect(open(token)).rejects.toEqual(refused);
  });

  it('is good for no other list', async () => {
    const orders = Orders.method.listOrders;
    const token = (await tokens.open({ method: orders, request: create(orders.input, {}) })).tokenFor(cursor);
    await expect(open(token)).rejects.toEqual(refused);
  });

  it.each(['x', 'AQ', 'bm9uc2Vuc2U', Buffer.from(JSON.stringify(cursor)).toString('base64url'), 'A'.repeat(2000)])(
    'is refused when it was not given here: %s',
    async (token) => {
      await expect(open(token)).rejects.toEqual(refused);
    },
  );

  it('is refused when it was changed, in whichever character', async () => {
    const token = await tokenOf();
    for (let at = 0; at < token.length; at++) {
      const other = token[at] === 'A' ? 'B' : 'A';
      await expect(open(token.slice(0, at) + other + token.slice(at + 1))).rejects.toEqual(refused);
    }
  });
});

describe('the key of page tokens', () => {
  it('is one for all replicas, also when they start together', async () => {
    await admin.query('DELETE FROM page_token_key');
    const replicas = Array.from({ length: 8 }, replica);
    const given = await Promise.all(replicas.map(async (one) => (await one.open(call())).tokenFor(cursor)));
    expect(new Set(given).size).toBe(1);
    expect((await admin.query('SELECT length(secret) AS length FROM page_token_key')).rows).toEqual([{ length: 32 }]);
  });

  it('can be thrown away: clients then start again', async () => {
    const token = (await replica().open(call())).tokenFor(cursor);
    await admin.query('DELETE FROM page_token_key');
    await expect(replica().open(call({ pageToken: token }))).rejects.toEqual(refused);
  });
});

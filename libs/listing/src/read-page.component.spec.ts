import { sql } from 'kysely';
import pg from 'pg';
import { Database } from '#libs/database';
import { type TestDatabase, testDatabase } from '#libs/testing';
import { type Cursor, Ordering, readPage } from './index.js';

interface Tables {
  things: { id: string; shelf: number; made: Date; size: bigint };
}

let test: TestDatabase;
let database: Database<Tables>;
let admin: pg.Pool;

beforeAll(async () => {
  test = await testDatabase('inventory');
  database = new Database<Tables>({ url: test.url, applicationName: 'test' });
  admin = new pg.Pool({ connectionString: test.adminUrl, options: '-c search_path=inventory', max: 2 });
  await admin.query(`CREATE TABLE things (
    id text COLLATE "C" PRIMARY KEY, shelf integer NOT NULL, made timestamptz NOT NULL, size bigint NOT NULL)`);
  await admin.query('GRANT ALL ON things TO inventory');
});

afterAll(async () => {
  await admin?.end();
  await database?.close();
  await test?.close();
});

// Times that differ in microseconds alone and sizes beyond 2^53: a Date or a number would make neighbours equal.
const fill = async (count: number) => {
  await admin.query('TRUNCATE things');
  await admin.query(
    `INSERT INTO things SELECT 'old-' || lpad(i::text, 4, '0'), i % 5,
       timestamptz '2026-01-01' + (i * 7 % 13) * interval '1 microsecond', 9007199254740992 + i * 11 % 17
     FROM generate_series(1, $1) AS i`,
    [count],
  );
};

const ordering = new Ordering({
  fields: {
    id: { by: sql.ref('id'), type: 'text' },
    shelf: { by: sql.ref('shelf'), type: 'int4' },
    made: { by: sql.ref('made'), type: 'timestamptz' },
    size: { by: sql`things.size + 0`, type: 'int8' },
  },
  unique: 'id',
  otherwise: [{ field: 'id', direction: 'asc' }],
});
const ORDERS = ['', 'id desc', 'shelf', 'shelf desc', 'made desc', 'size, made desc', 'shelf desc, made, id desc'];

const page = (orderBy: string, size: number, after?: Cursor) =>
  readPage(database.db.selectFrom('things').select('id'), ordering.keys(orderBy), { size, after });

/** All ids, page by page; `between` runs after each page. */
async function walk(orderBy: string, size: number, between = async () => {}): Promise<string[]> {
  const ids: string[] = [];
  let after: Cursor | undefined;
  do {
    const { rows, next } = await page(orderBy, size, after);
    expect(rows.length).toBeLessThanOrEqual(size);
    ids.push(...rows.map(({ id }) => id));
    after = next;
    await between();
  } while (after);
  return ids;
}

async function sorted(orderBy: string): Promise<string[]> {
  const order = orderBy === '' ? 'id' : orderBy;
  const tie = /desc$/.test(order) ? 'id desc' : 'id';
  return (await admin.query(`SELECT id FROM things ORDER BY ${order}, ${tie}`)).rows.map(({ id }) => id);
}

describe('pages', () => {
  it.each(ORDERS)('show every row once and in order, by "%s"', async (orderBy) => {
    await fill(53);
    for (const size of [1, 7, 53, 60]) expect(await walk(orderBy, size)).toEqual(await sorted(orderBy));
  });

  it.each(ORDERS)('neither repeat nor skip a row while others come and go, by "%s"', async (orderBy) => {
    await fill(60);
    const before = await sorted(orderBy);
    let round = 0;
    const seen = await walk(orderBy, 7, async () => {
      round++;
      await admin.query(
        `INSERT INTO things SELECT 'new-' || $1 || '-' || i, i % 5,
           timestamptz '2026-01-01' + (i % 13) * interval '1 microsecond', 9007199254740992 + i % 17
         FROM generate_series(1, 9) AS i`,
        [round],
      );
      if (round > 1) await admin.query('DELETE FROM things WHERE id LIKE $1', [`new-${round - 1}-%`]);
    });
    expect(seen.filter((id) => id.startsWith('old-'))).toEqual(before);
    expect(new Set(seen).size).toBe(seen.length);
  });

  it('end exactly where the rows end', async () => {
    await fill(20);
    const { rows, next } = await page('', 20);
    expect([rows.length, next]).toEqual([20, undefined]);
    expect((await page('', 19)).next).toEqual(['old-0019']);
  });

  it('refuse a place in a list that was sorted by other keys', async () => {
    await fill(3);
    await expect(page('shelf', 10, ['old-0001'])).rejects.toHaveProperty('code', 'VALIDATION_FAILED');
  });
});

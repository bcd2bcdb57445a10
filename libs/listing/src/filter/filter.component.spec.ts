import fc from 'fast-check';
import { sql } from 'kysely';
import { Database } from '#libs/database';
import { DomainError } from '#libs/errors';
import { type TestDatabase, testDatabase } from '#libs/testing';
import { type FilterFields, filterCondition } from '../index.js';

const ROWS = [
  {
    id: 1,
    title: 'Coffee Beans',
    size: 5n,
    weight: 1.5,
    made: '2026-01-01T00:00:00Z',
    open: true,
    state: 'NEW',
    tags: ['a', 'b'],
  },
  {
    id: 2,
    title: '100%_\\ "real"',
    size: -7n,
    weight: 0,
    made: '2026-01-01T00:00:00.000001Z',
    open: false,
    state: 'OLD',
    tags: [],
  },
  {
    id: 3,
    title: '',
    size: 2n ** 63n - 1n,
    weight: 1e6,
    made: '2026-02-01T12:00:00Z',
    open: true,
    state: 'NEW',
    tags: ["it's"],
  },
  { id: 4, title: null, size: null, weight: null, made: null, open: null, state: null, tags: null },
] as const;

const FIELDS: FilterFields = {
  title: { type: 'text', by: sql.ref('title') },
  size: { type: 'integer', by: sql.ref('size') },
  'box.weight': { type: 'number', by: sql.ref('weight') },
  madeTime: { type: 'time', by: sql.ref('made') },
  open: { type: 'boolean', by: sql.ref('open') },
  state: { type: 'enum', by: sql.ref('state'), values: ['NEW', 'OLD'] },
  id: { type: 'uuid', by: sql`'0b6f4e55-5d4c-4c5c-8a0e-1f1a5f1b9a11'::uuid` },
  tags: { type: 'list', by: sql.ref('tags') },
};

let test: TestDatabase;
let database: Database;

beforeAll(async () => {
  test = await testDatabase('inventory');
  database = new Database({ url: test.url, applicationName: 'test' });
});

afterAll(async () => {
  await database?.close();
  await test?.close();
});

/** The ids of the rows that a filter finds. */
async function found(filter: string): Promise<number[]> {
  const condition = filterCondition(filter, FIELDS) ?? sql`true`;
  const { rows } = await sql<{ id: number }>`
    SELECT row_number AS id FROM (
      SELECT id AS row_number, title, size, weight, made, open, state, tags
      FROM jsonb_to_recordset(${asJson()}::jsonb) AS t(
        id integer, title text, size int8, weight numeric, made timestamptz, open boolean, state text, tags text[])
    ) AS things WHERE ${condition} ORDER BY row_number`.execute(database.db);
  return rows.map(({ id }) => id);
}
const asJson = () => JSON.stringify(ROWS, (_, value) => (typeof value === 'bigint' ? String(value) : value));
const mistake = async (filter: string): Promise<string> => {
  const error: unknown = await found(filter).catch((thrown: unknown) => thrown);
  if (!(error instanceof DomainError)) throw new Error(`${filter} was taken`);
  return `${error.violations[0]?.field} ${error.violations[0]?.description}`;
};

describe('a filter', () => {
  it.each([
    ['', [1, 2, 3, 4]],
    ['size = 5', [1]],
    ['size >= -7 AND size <= 5', [1, 2]],
    ['size = 9223372036854775807', [3]],
    ['size > -9223372036854775808', [1, 2, 3]],
    ['box.weight > 1.25', [1, 3]],
    ['made_time > "2026-01-01T00:00:00Z"', [2, 3]],
    ['madeTime <= 2026-01-01T01:00:00.000001+01:00', [1, 2]],
    ['open = true', [1, 3]],
    ['state = NEW', [1, 3]],
    ['state != "NEW"', [2, 4]],
    ['NOT state = NEW', [2, 4]],
    ['-(state = NEW OR open = false)', [4]],
    ['NOT NOT size = 5', [1]],
    ['title = "Coffee Beans"', [1]],
    ['title = "Coffee*"', [1]],
    ['title = "*Beans"', [1]],
    ['title = "*ee Be*"', [1]],
    ['title = "*%*"', [2]],
    ['title = "*_*"', [2]],
    ['title = "*\\\\*"', [2]],
    ['title != "Coffee*"', [2, 3, 4]],
    ['title:"bEaNs"', [1]],
    ['title:"%"', [2]],
    [`title:'"real"'`, [2]],
    ['title:*', [1, 2]],
    ['size:*', [1, 2, 3]],
    ['tags:*', [1, 3]],
    ['tags:a tags:b', [1]],
    [`tags:"it's"`, [3]],
    ['-tags:a', [2, 3, 4]],
    ['size = 5 OR size = -7 AND open = true', [1]],
    ['id = 0B6F4E55-5d4c-4c5c-8a0e-1f1a5f1b9a11', [1, 2, 3, 4]],
  ])('%s', async (filter, ids) => {
    expect(await found(filter)).toEqual(ids);
  });

  it.each([
    ['colour = red', 'at character 1: there is no field colour; fields are title, size, box.weight, madeTime,'],
    ['size = 1 AND constructor = 1', 'at character 14: there is no field constructor'],
    ['tags = a', 'at character 1: tags cannot be compared by =, only by :'],
    ['state > NEW', 'at character 1: state cannot be compared by >, only by = != :'],
    ['size = 1.5', 'at character 8: size is compared with a whole number of 64 bits'],
    ['size = 9223372036854775808', 'at character 8: size is compared with a whole number of 64 bits'],
    ['size = "5"', 'at character 8: size is compared with a whole number of 64 bits'],
    ['box.weight = 1e999999', 'at character 14: box.weight is compared with a number'],
    ['open = yes', 'at character 8: open is compared with true or false'],
    ['state = new', 'at character 9: state is compared with one of NEW, OLD'],
    ['madeTime > 2026', 'at character 12: madeTime is compared with a time such as'],
    ['madeTime > "2026-02-30T00:00:00Z"', 'at character 12: madeTime is compared with a time'],
    ['madeTime > "0000-01-01T00:00:00Z"', 'at character 12: madeTime is compared with a time'],
    ['id = 5', 'at character 6: id is compared with an id (UUID)'],
  ])('is refused: %s', async (filter, description) => {
    expect(await mistake(filter)).toContain(`filter ${description}`);
  });

  it('never becomes SQL, and never fails in another way than with its position', async () => {
    const value = fc.oneof(
      fc.string({ unit: 'grapheme', maxLength: 12 }),
      fc.constantFrom(`'; DROP TABLE products; --`, '$1', '\0', '\\', "\\'", '%', '*', '**', '"', '\n'),
    );
    const field = fc.constantFrom(...Object.keys(FIELDS));
    const comparator = fc.constantFrom('=', '!=', '<', '<=', '>', '>=', ':');
    const bare = fc.constantFrom('1', '-1', 'true', 'NEW', '2026-01-01T24:00:00Z', '9999-12-31T23:59:60Z', '*', '1.0');
    const quoted = value.map((text) => `"${text.replace(/["\\]/g, '\\$&')}"`);
    await fc.assert(
      fc.asyncProperty(field, comparator, fc.oneof(quoted, bare), async (name, operator, text) => {
        const filter = `${name} ${operator} ${text}`;
        try {
          const ids = await found(filter);
          expect(await found(`NOT (${filter})`)).toEqual([1, 2, 3, 4].filter((id) => !ids.includes(id)));
        } catch (error) {
          expect(error).toHaveProperty('code', 'VALIDATION_FAILED');
        }
      }),
      { numRuns: 300 },
    );
  });
});

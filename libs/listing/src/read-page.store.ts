import { type Expression, type SelectQueryBuilder, type SqlBool, sql } from 'kysely';
import type { SortKey } from './ordering.js';
import type { Cursor, PageOf, PageRequest } from './page.js';
import { staleToken } from './page-tokens.js';

/** The column that `readPage` adds to its rows. */
const CURSOR = 'page_cursor';

/**
 * Reads one page of a query in the order of `keys` (keyset paging): rows that are inserted or deleted between two pages
 * make no other row come twice or go missing. The query has its filters and columns, and neither order nor limit.
 */
export async function readPage<DB, TB extends keyof DB, O>(
  query: SelectQueryBuilder<DB, TB, O>,
  keys: readonly SortKey[],
  { size, after }: PageRequest,
): Promise<PageOf<O>> {
  let paged = query.select(cursorOf(keys).as(CURSOR));
  if (after) paged = paged.where(isAfter(keys, after));
  for (const { by, direction } of keys) paged = paged.orderBy(by, direction);
  // One more than asked for tells whether there is a next page.
  const found = (await paged.limit(size + 1).execute()) as (O & { [CURSOR]: string[] })[];
  const rows = found.slice(0, size);
  return { rows, next: found.length > size ? rows.at(-1)?.[CURSOR] : undefined };
}

/** As text: a Date would cut microseconds, a number a bigint. */
const cursorOf = (keys: readonly SortKey[]) =>
  sql<string[]>`ARRAY[${sql.join(keys.map(({ by }) => sql`(${by})::text`))}]`;

function isAfter(keys: readonly SortKey[], after: Cursor): Expression<SqlBool> {
  if (after.length !== keys.length) throw staleToken();
  const value = (at: number) => sql`${after[at]}::${sql.raw(keys[at]?.type ?? 'text')}`;
  const [first] = keys;
  if (keys.every(({ direction }) => direction === first?.direction)) {
    // One comparison of rows is what an index over the keys can begin at.
    const sides = [sql.join(keys.map(({ by }) => by)), sql.join(keys.map((_, at) => value(at)))];
    return sql<SqlBool>`(${sides[0]}) ${sql.raw(first?.direction === 'desc' ? '<' : '>')} (${sides[1]})`;
  }
  return keys.reduceRight<Expression<SqlBool>>((later, { by, direction }, at) => {
    const beyond = sql`${by} ${sql.raw(direction === 'desc' ? '<' : '>')} ${value(at)}`;
    return sql<SqlBool>`(${beyond} OR (${by} = ${value(at)} AND ${later}))`;
  }, sql<SqlBool>`false`);
}

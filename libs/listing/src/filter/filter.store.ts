import { type Expression, type SqlBool, sql } from 'kysely';
import { jsonName } from '../ordering.js';
import { COMPARATORS, type FilterField, type FilterFields } from './filter-fields.js';
import { readValue } from './filter-values.js';
import type { Comparator, Comparison, FilterNode } from './node.js';
import { parseFilter } from './parse.js';
import { filterRefusal } from './tokens.js';

type Condition = Expression<SqlBool>;

const SQL_TYPES: Readonly<Record<FilterField['type'], string>> = {
  ...{ text: 'text', enum: 'text', list: 'text', integer: 'int8', number: 'numeric' },
  ...{ time: 'timestamptz', boolean: 'boolean', uuid: 'uuid' },
};

/**
 * A filter (AIP-160, see parseFilter) as a condition for SQL; undefined where it is empty. Fields and operators come
 * from the closed table, values are parameters: no text of a client becomes SQL. Where a field is null, every
 * comparison but `!=` is false and NOT turns it around. Throws VALIDATION_FAILED on `filter`, with the position.
 */
export function filterCondition(filter: string, fields: FilterFields): Condition | undefined {
  const node = parseFilter(filter);
  return node && compile(node, fields);
}

function compile(node: FilterNode, fields: FilterFields): Condition {
  switch (node.kind) {
    case 'compare':
      return compare(node, fields);
    case 'not':
      return sql<SqlBool>`(${compile(node.part, fields)} IS NOT TRUE)`;
    default: {
      const parts = node.parts.map((part) => compile(part, fields));
      return sql<SqlBool>`(${sql.join(parts, node.kind === 'and' ? sql` AND ` : sql` OR `)})`;
    }
  }
}

function compare(comparison: Comparison, fields: FilterFields): Condition {
  const { comparator, value, at } = comparison;
  const name = Object.keys(fields).find((known) => known === jsonName(comparison.field));
  const field = name === undefined ? undefined : fields[name];
  if (name === undefined || !field) {
    const known = Object.keys(fields).join(', ');
    throw filterRefusal(at, `there is no field ${comparison.field.slice(0, 50)}; fields are ${known}`, 'filter.field');
  }
  if (comparator === ':' && value.text === '*' && !value.quoted) return isPresent(field);
  if (!COMPARATORS[field.type].includes(comparator)) {
    const allowed = COMPARATORS[field.type].join(' ');
    throw filterRefusal(at, `${name} cannot be compared by ${comparator}, only by ${allowed}`, 'filter.operator');
  }
  // In brackets: IS DISTINCT FROM and IS NOT TRUE do not chain.
  return sql<SqlBool>`(${compareValue(field, comparator, readValue(name, field, value))})`;
}

function compareValue({ type, by }: FilterField, comparator: Comparator, text: string): Condition {
  if (type === 'list') return sql<SqlBool>`${by} @> ARRAY[${text}::text]`;
  if (type === 'text') return compareText(by, comparator, text);
  return sql<SqlBool>`${by} ${operator(comparator)} ${text}::${sql.raw(SQL_TYPES[type])}`;
}

function isPresent({ by, type }: FilterField): Condition {
  if (type === 'list') return sql<SqlBool>`(cardinality(${by}) > 0)`;
  return type === 'text' ? sql<SqlBool>`(${by} <> '')` : sql<SqlBool>`(${by} IS NOT NULL)`;
}

function compareText(by: Expression<unknown>, comparator: Comparator, text: string): Condition {
  if (comparator === ':') return sql<SqlBool>`${by} ILIKE ${`%${escapeLike(text)}%`}::text`;
  const wild = comparator === '=' || comparator === '!=' ? /^(\*?)(.*?)(\*?)$/s.exec(text) : null;
  if (!wild?.[1] && !wild?.[3]) return sql<SqlBool>`${by} ${operator(comparator)} ${text}::text`;
  const [, before, middle = '', after] = wild;
  const pattern = `${before && '%'}${escapeLike(middle)}${after && '%'}`;
  const like = sql<SqlBool>`${by} LIKE ${pattern}::text`;
  return comparator === '=' ? like : sql<SqlBool>`${like} IS NOT TRUE`;
}

const operator = (comparator: Comparator) =>
  sql.raw(comparator === '!=' ? 'IS DISTINCT FROM' : comparator === ':' ? '=' : comparator);

const escapeLike = (text: string) => text.replace(/[\\%_]/g, '\\$&');

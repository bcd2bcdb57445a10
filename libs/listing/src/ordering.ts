import type { Expression } from 'kysely';
import { refusal } from './refusal.js';

/** What a list can be sorted by. */
export interface SortField {
  /** Column or expression; never null, or rows with null would be on no page. */
  readonly by: Expression<unknown>;
  /** Its PostgreSQL type. */
  readonly type: 'text' | 'int4' | 'int8' | 'timestamptz' | 'uuid' | 'float4' | 'float8';
}

export interface SortTerm<Name extends string = string> {
  readonly field: Name;
  readonly direction: 'asc' | 'desc';
}

/** One key of an order, ready for SQL. */
export interface SortKey extends SortField {
  readonly direction: 'asc' | 'desc';
}

export interface OrderingOptions<Name extends string> {
  /** The closed list of names, in json form (`createTime`). */
  readonly fields: Readonly<Record<Name, SortField>>;
  /** The field that no two rows share: ends every order, so that it is total and pages are stable. */
  readonly unique: NoInfer<Name>;
  /** Where `order_by` is empty. */
  readonly otherwise: readonly SortTerm<NoInfer<Name>>[];
}

/** The orders of one list: what `order_by` (AIP-132) may say there, and what it means. */
export class Ordering<Name extends string> {
  constructor(private readonly options: OrderingOptions<Name>) {}

  /** The keys for `order_by`. Throws VALIDATION_FAILED on `orderBy`, naming what is wrong in it. */
  keys(orderBy: string): SortKey[] {
    const { fields, unique, otherwise } = this.options;
    const asked = parseOrderBy(orderBy, this.names);
    const terms = asked.length > 0 ? asked : otherwise;
    const at = terms.findIndex((term) => term.field === unique);
    // What follows a unique key decides nothing. The tie-breaker goes the way of the last term, as an index would.
    const direction = terms.at(-1)?.direction ?? 'asc';
    const total = at < 0 ? [...terms, { field: unique, direction }] : terms.slice(0, at + 1);
    return total.map((term) => ({ ...fields[term.field], direction: term.direction }));
  }

  get names(): readonly Name[] {
    return Object.keys(this.options.fields) as Name[];
  }
}

/**
 * Reads `order_by` (AIP-132): fields separated by commas, each with ` desc` or ` asc` behind it, spaces do not matter.
 * Names may be written as in json or as in the proto. Throws VALIDATION_FAILED on `orderBy`.
 */
export function parseOrderBy<Name extends string>(text: string, names: readonly Name[]): SortTerm<Name>[] {
  if (text.trim() === '') return [];
  const terms = text.split(',').map((part) => readTerm(part, names));
  const twice = terms.find((term, at) => terms.findIndex((other) => other.field === term.field) < at);
  if (twice) throw refusal('orderBy', 'order_by.repeated', `names ${twice.field} twice`);
  return terms;
}

function readTerm<Name extends string>(part: string, names: readonly Name[]): SortTerm<Name> {
  const [written = '', direction = 'asc', ...more] = part.trim().split(/\s+/);
  const field = names.find((name) => name === jsonName(written));
  if (!field) {
    const what = written === '' ? 'has an empty term' : `cannot sort by ${shorten(written)}`;
    throw refusal('orderBy', 'order_by.field', `${what}; fields are ${names.join(', ')}`);
  }
  if (more.length > 0 || (direction !== 'asc' && direction !== 'desc')) {
    const found = shorten([direction, ...more].join(' '));
    throw refusal('orderBy', 'order_by.direction', `has ${found} after ${field}, where only asc or desc can be`);
  }
  return { field, direction };
}

/** `create_time` and `createTime` are one name (ProtoJSON). */
export const jsonName = (name: string) => name.replace(/_+([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());

const shorten = (text: string) => JSON.stringify(text.length > 50 ? `${text.slice(0, 50)}…` : text);

import type { Expression } from 'kysely';
import type { Comparator } from './node.js';

/**
 * What a filter can name.
 * - `text`: compared by its collation; `=` and `!=` take `*` at either end of a value, `:` looks inside, without case.
 * - `integer`: int8 at most. `number`: any numeric. `time`: RFC 3339. `boolean`: true, false.
 * - `enum`: one of `values`. `uuid`. `list`: a text[], asked with `:` for an element.
 */
export type FilterField =
  | {
      readonly type: 'text' | 'integer' | 'number' | 'time' | 'boolean' | 'uuid' | 'list';
      readonly by: Expression<unknown>;
    }
  | { readonly type: 'enum'; readonly by: Expression<unknown>; readonly values: readonly string[] };

/** By json name, e.g. `createTime` or `price.minorUnits`; the closed list of what a filter may ask for. */
export type FilterFields = Readonly<Record<string, FilterField>>;

const EQUALITY = ['=', '!='] as const;
const ORDER = [...EQUALITY, '<', '<=', '>', '>='] as const;

/** The comparisons that a type takes. `:` with the value `*` asks whether there is a value at all. */
export const COMPARATORS: Readonly<Record<FilterField['type'], readonly Comparator[]>> = {
  text: [...ORDER, ':'],
  integer: [...ORDER, ':'],
  number: [...ORDER, ':'],
  time: [...ORDER, ':'],
  boolean: [...EQUALITY, ':'],
  uuid: [...EQUALITY, ':'],
  enum: [...EQUALITY, ':'],
  list: [':'],
};

export type Comparator = '=' | '!=' | '<' | '<=' | '>' | '>=' | ':';

/** A filter as it was written, not yet held against a table of fields. */
export type FilterNode =
  | { readonly kind: 'and' | 'or'; readonly parts: readonly FilterNode[] }
  | { readonly kind: 'not'; readonly part: FilterNode }
  | Comparison;

export interface Comparison {
  readonly kind: 'compare';
  /** As it was written, e.g. `price.minorUnits`. */
  readonly field: string;
  readonly comparator: Comparator;
  readonly value: FilterValue;
  /** Where it begins in the text, from 1. */
  readonly at: number;
}

export interface FilterValue {
  readonly text: string;
  /** In quotes: a text, where a bare word may be a number, a time, a name or `*`. */
  readonly quoted: boolean;
  readonly at: number;
}

import { DEFAULT_FORM, type JsonForm } from './json-form.js';

/**
 * How far an API goes in what it accepts. `strict`: what is sure to be meant, and nothing else. `google`: what the comments
 * of google/api/http.proto and the ProtoJSON specification say. README.md lists where they differ.
 */
export const DIALECTS = ['strict', 'google'] as const;
export type Dialect = (typeof DIALECTS)[number];

/** What dialects decide for a RequestReader. */
export interface RequestRules {
  /** The mask of a PATCH is filled from the keys of its body (AIP-134); otherwise that is left to the service. */
  readonly fillsMask: boolean;
  /** Of one key twice in an object; the two names of a field are one key. */
  readonly duplicates: 'refused' | 'last wins';
  /** A body that is a field may be `null`: the field is not set. */
  readonly nullBody: boolean;
  /**
   * Beside scalars and texts such as a timestamp's. `maps and lists`: `m[key]=`, and lists of such texts. `parts`: fields of
   * messages that have a text, such as `time.seconds=`.
   */
  readonly query: 'maps and lists' | 'parts';
}

export const REQUEST_RULES: Readonly<Record<Dialect, RequestRules>> = {
  strict: { fillsMask: true, duplicates: 'refused', nullBody: false, query: 'maps and lists' },
  google: { fillsMask: false, duplicates: 'last wins', nullBody: true, query: 'parts' },
};

const FORMS: Readonly<Record<Dialect, JsonForm>> = {
  strict: DEFAULT_FORM,
  google: { ...DEFAULT_FORM, unpopulated: 'omitted' },
};

/** How answers look where an API does not say it. */
export function jsonFormOf(dialect: Dialect): JsonForm {
  return FORMS[dialect];
}

import { DEFAULT_FORM, type JsonForm } from './json-form.js';

/**
 * How far an API goes in what it accepts. `strict`: what is sure to be meant, and nothing else. `google`: what the comments
 * of google/api/http.proto and the ProtoJSON specification say. `grpc-gateway`: what grpc-gateway v2 accepts. README.md lists
 * where they differ.
 */
export const DIALECTS = ['strict', 'google', 'grpc-gateway'] as const;
export type Dialect = (typeof DIALECTS)[number];

/** What dialects decide for readers of requests. */
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
  /** Texts, and what there is without them, as the libraries of Go have it. */
  readonly isGo: boolean;
}

export const REQUEST_RULES: Readonly<Record<Dialect, RequestRules>> = {
  strict: { fillsMask: true, duplicates: 'refused', nullBody: false, query: 'maps and lists', isGo: false },
  google: { fillsMask: false, duplicates: 'last wins', nullBody: true, query: 'parts', isGo: false },
  'grpc-gateway': { fillsMask: true, duplicates: 'refused', nullBody: false, query: 'maps and lists', isGo: true },
};

const FORMS: Readonly<Record<Dialect, JsonForm>> = {
  strict: DEFAULT_FORM,
  google: { ...DEFAULT_FORM, unpopulated: 'omitted' },
  'grpc-gateway': { ...DEFAULT_FORM, unpopulated: 'all' },
};

/** How answers look where an API does not say it. */
export function jsonFormOf(dialect: Dialect): JsonForm {
  return FORMS[dialect];
}

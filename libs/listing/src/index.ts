export { filterCondition } from './filter/filter.store.js';
export type { FilterField, FilterFields } from './filter/filter-fields.js';
export { ListingModule } from './listing.module.js';
export {
  Ordering,
  type OrderingOptions,
  type SortField,
  type SortKey,
  type SortTerm,
} from './ordering.js';
export type { Cursor, PageOf, PageRequest } from './page.js';
export { type ListCall, type Page, PageTokens } from './page-tokens.js';
export { readPage } from './read-page.store.js';

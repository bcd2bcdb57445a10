export type { CheckOptions, Schema } from './check-invariants.js';
export { checkStore, type Stack } from './check-store.js';
export { inventoryRules } from './inventory.js';
export { checkRules, type Rule, type Violation } from './rule.js';

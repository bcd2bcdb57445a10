export { type Answer, type IdempotentRequest, isKept } from './answer.js';
export { Idempotency, type Outcome } from './idempotency.js';
export { IdempotencyModule } from './idempotency.module.js';
export { fingerprintOf, keyFrom } from './key.js';

import { Module } from '@nestjs/common';
import { Idempotency } from './idempotency.js';
import { IdempotencyKeysStore } from './idempotency-keys.store.js';
import { IdempotencyPurge } from './idempotency-purge.js';

/** Provides Idempotency; needs a DatabaseModule and the table of `libs/idempotency/migrations`. */
@Module({ providers: [IdempotencyKeysStore, Idempotency, IdempotencyPurge], exports: [Idempotency] })
export class IdempotencyModule {}

import type { Instrumentation } from '@opentelemetry/instrumentation';
import { PgInstrumentation } from '@opentelemetry/instrumentation-pg';

/**
 * A span for each SQL statement, where OTEL_NODE_ENABLED_INSTRUMENTATIONS names `pg`. Not by default: an order is some
 * 40 spans without them and 150 with them, and a trace viewer on the same machine then works as hard as the store does.
 * Polling makes no traces, with or without them (`requireParentSpan`).
 */
export function databaseInstrumentations(): Instrumentation[] {
  const enabled = (process.env.OTEL_NODE_ENABLED_INSTRUMENTATIONS ?? '').split(',').map((name) => name.trim());
  return enabled.includes('pg') ? [new PgInstrumentation({ requireParentSpan: true })] : [];
}

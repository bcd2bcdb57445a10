// For services: node --import ./dist/libs/telemetry/src/register.js dist/apps/orders/src/main.js
import './hooks.js';
import { GrpcInstrumentation } from '@opentelemetry/instrumentation-grpc';
import { RuntimeNodeInstrumentation } from '@opentelemetry/instrumentation-runtime-node';
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici';
import { databaseInstrumentations } from './database-spans.js';
import { startTelemetry } from './start-telemetry.js';

// Few and chosen. `requireParent…`: polling and health checks make no traces. Messages have hand-written spans, since
// the outbox carries the trace context that an instrumentation of the Kafka client would overwrite.
startTelemetry([
  new GrpcInstrumentation(),
  ...databaseInstrumentations(),
  new UndiciInstrumentation({ requireParentforSpans: true }),
  new RuntimeNodeInstrumentation(),
]);

// For the gateway: node --import ./dist/libs/telemetry/src/register-gateway.js dist/apps/gateway/src/main.js
import './hooks.js';
import { PgInstrumentation } from '@opentelemetry/instrumentation-pg';
import { RuntimeNodeInstrumentation } from '@opentelemetry/instrumentation-runtime-node';
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici';
import { startTelemetry } from './start-telemetry.js';

// Without http and gRPC: the gateway writes the spans of its hot path itself, at a third of the cost.
startTelemetry([
  new PgInstrumentation({ requireParentSpan: true }),
  new UndiciInstrumentation({ requireParentforSpans: true }),
  new RuntimeNodeInstrumentation(),
]);

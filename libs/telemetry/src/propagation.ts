import { type Context, context, isSpanContextValid, propagation, ROOT_CONTEXT, trace } from '@opentelemetry/api';

// Baggage is not passed on: what it says comes from clients, and it would be stored with every message.
const FIELDS = ['traceparent', 'tracestate'] as const;

/**
 * The W3C trace context (`traceparent`, `tracestate`) of the given or active context, to be stored with a message.
 * Empty when there is no span or telemetry is not registered.
 */
export function injectTraceContext(of: Context = context.active()): Record<string, string> {
  const carrier: Record<string, string> = {};
  propagation.inject(of, carrier);
  return pick(carrier);
}

/** The context that a carrier's `traceparent` names: a root context when it names none or is not valid. */
export function extractTraceContext(carrier: Readonly<Record<string, string | undefined>>): Context {
  return propagation.extract(ROOT_CONTEXT, pick(carrier));
}

/**
 * Value of the `traceresponse` header (W3C Trace Context Level 2, https://www.w3.org/TR/trace-context-2/#trace-response):
 * lets a client find its request's trace. Undefined when there is no span.
 */
export function traceresponse(of: Context = context.active()): string | undefined {
  const span = trace.getSpanContext(of);
  if (!span || !isSpanContextValid(span)) return undefined;
  return `00-${span.traceId}-${span.spanId}-${(span.traceFlags & 0xff).toString(16).padStart(2, '0')}`;
}

function pick(carrier: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const picked: Record<string, string> = {};
  for (const field of FIELDS) {
    const value = carrier[field];
    if (value !== undefined) picked[field] = value;
  }
  return picked;
}

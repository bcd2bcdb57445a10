import {
  type Context,
  context,
  isSpanContextValid,
  type Meter,
  metrics,
  type Span,
  type SpanOptions,
  SpanStatusCode,
  type Tracer,
  trace,
} from '@opentelemetry/api';

/** The tracer of a part, e.g. `tracer('messaging')`. Its spans go nowhere when telemetry is not registered (tests). */
export function tracer(name: string): Tracer {
  return trace.getTracer(name);
}

/** The meter of a part. Its instruments count nothing when telemetry is not registered (tests). */
export function meter(name: string): Meter {
  return metrics.getMeter(name);
}

export interface WithSpanOptions extends SpanOptions {
  /** The parent, where it is not the active context. */
  context?: Context;
  /** Instrumentation scope; default `ineedthatfast`. */
  scope?: string;
}

/**
 * Runs `work` inside a span that is active for everything `work` awaits, and ends the span with it. A failure marks the
 * span with the error's type alone: messages may hold personal data. Resolves and rejects as `work` does.
 */
export async function withSpan<T>(
  name: string,
  options: WithSpanOptions,
  work: (span: Span) => Promise<T> | T,
): Promise<T> {
  const parent = options.context ?? context.active();
  const span = tracer(options.scope ?? 'ineedthatfast').startSpan(name, options, parent);
  try {
    return await context.with(trace.setSpan(parent, span), work, undefined, span);
  } catch (error) {
    markFailed(span, error);
    throw error;
  } finally {
    span.end();
  }
}

/** Marks a span as failed by the error's type (`error.type` of the semantic conventions), never by its message. */
export function markFailed(span: Span, error: unknown): void {
  span.setStatus({ code: SpanStatusCode.ERROR });
  span.setAttribute('error.type', errorType(error));
}

function errorType(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  return 'code' in error && (typeof error.code === 'string' || typeof error.code === 'number')
    ? String(error.code)
    : error.name;
}

/** Ids of the active span for log lines and problem documents; undefined where there is none. */
export function activeTrace(of: Context = context.active()): { traceId: string; spanId: string } | undefined {
  const spanContext = trace.getSpanContext(of);
  return spanContext && isSpanContextValid(spanContext)
    ? { traceId: spanContext.traceId, spanId: spanContext.spanId }
    : undefined;
}

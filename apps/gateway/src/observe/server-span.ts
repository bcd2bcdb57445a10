import {
  type Context,
  isSpanContextValid,
  type Link,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';
import { extractTraceContext, tracer } from '#libs/telemetry';
import type { Exchange, Scheme } from '../http/exchange.js';
import type { RawRequest } from '../http/raw.js';
import type { Failure } from '../problems/failure.js';

const gatewayTracer = tracer('gateway');

const NO_LINKS: Link[] = [];
/** Methods of RFC 9110 and 5789; others would let clients invent span names. */
const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'CONNECT', 'TRACE']);

/**
 * The SERVER span of a request, by the HTTP semantic conventions, written by hand since it stands on the hot path. The
 * trace that a client names is linked, not joined: it must not decide on our sampling, nor put our spans into its own.
 */
export function startServerSpan(request: RawRequest, scheme: Scheme): { span: Span; context: Context } {
  const links = linksOf(request.headers);
  const method = methodOf(request.method);
  const span = gatewayTracer.startSpan(
    method,
    // What samplers decide by; the SDK looks through each attribute, also of spans that it then does not keep.
    { kind: SpanKind.SERVER, links, attributes: { 'http.request.method': method } },
    ROOT_CONTEXT,
  );
  if (span.isRecording()) span.setAttribute('url.scheme', scheme);
  return { span, context: trace.setSpan(ROOT_CONTEXT, span) };
}

function linksOf({ traceparent, tracestate }: RawRequest['headers']): Link[] {
  if (typeof traceparent !== 'string') return NO_LINKS;
  const sent = trace.getSpanContext(extractTraceContext({ traceparent, tracestate: String(tracestate ?? '') }));
  return sent && isSpanContextValid(sent) ? [{ context: sent }] : NO_LINKS;
}

/** Ends the span with what is known now: the route, the status, and what went wrong. */
export function endServerSpan({ span, bound, failure }: Exchange, method: string, status: number): void {
  if (!span.isRecording()) return;
  if (bound) {
    const route = bound.route.template.text;
    span.updateName(`${methodOf(method)} ${route}`);
    span.setAttribute('http.route', route);
  }
  span.setAttribute('http.response.status_code', status);
  if (failure) span.setAttribute('error.type', failure.code);
  if (status >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
  span.end();
}

/** The SERVER span of what never became a request: its answer names a trace too. */
export function recordRefusal({ code, status }: Failure): Context {
  const attributes = { 'http.request.method': '_OTHER', 'http.response.status_code': status, 'error.type': code };
  const span = gatewayTracer.startSpan('HTTP', { kind: SpanKind.SERVER, attributes }, ROOT_CONTEXT);
  span.end();
  return trace.setSpan(ROOT_CONTEXT, span);
}

/** `_OTHER` for methods that no standard knows. */
export function methodOf(method: string | undefined): string {
  return method !== undefined && METHODS.has(method) ? method : '_OTHER';
}

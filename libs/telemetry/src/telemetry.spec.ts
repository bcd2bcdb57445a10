import type { ServerResponse } from 'node:http';
import { jest } from '@jest/globals';
import { ROOT_CONTEXT, SpanStatusCode, type Tracer, trace } from '@opentelemetry/api';
import {
  activeTrace,
  extractTraceContext,
  flushTelemetry,
  injectTraceContext,
  meter,
  metricsHandler,
  traceresponse,
  withSpan,
} from './index.js';
import { rememberTelemetry } from './registered.js';

const spanContext = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331', traceFlags: 1 };
const inSpan = trace.setSpanContext(ROOT_CONTEXT, spanContext);

describe('telemetry that is not registered', () => {
  it('lets work run as if it were not there', async () => {
    expect(await withSpan('work', {}, () => 42)).toBe(42);
    await expect(withSpan('work', {}, () => Promise.reject(new Error('boom')))).rejects.toThrow('boom');
    meter('test').createCounter('things').add(1);
    expect(injectTraceContext()).toEqual({});
    expect(activeTrace(extractTraceContext({ traceparent: 'nonsense' }))).toBeUndefined();
    await flushTelemetry();
  });

  it('serves empty metrics', async () => {
    const end = jest.fn<(body: string) => void>();
    const writeHead = jest.fn(() => ({ end }));
    await metricsHandler({ writeHead } as unknown as ServerResponse);
    expect(writeHead).toHaveBeenCalledWith(200, expect.anything());
    expect(end).toHaveBeenCalledWith('');
  });
});

describe('traceresponse', () => {
  it('names the trace, the span and its flags', () => {
    expect(traceresponse(inSpan)).toBe('00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01');
    expect(activeTrace(inSpan)).toEqual({ traceId: spanContext.traceId, spanId: spanContext.spanId });
  });

  it('is absent without a span', () => {
    expect(traceresponse(ROOT_CONTEXT)).toBeUndefined();
  });
});

describe('withSpan', () => {
  it('ends the span, and marks a failure by its type without the message', async () => {
    const span = trace.wrapSpanContext(spanContext);
    const end = jest.spyOn(span, 'end');
    const setStatus = jest.spyOn(span, 'setStatus');
    const setAttribute = jest.spyOn(span, 'setAttribute');
    const tracer = { startSpan: () => span } as unknown as Tracer;
    jest.spyOn(trace, 'getTracer').mockReturnValue(tracer);
    const failing = withSpan('work', {}, () => Promise.reject(new TypeError('canary@mail.example')));
    await expect(failing).rejects.toThrow(TypeError);
    jest.restoreAllMocks();
    expect(setStatus).toHaveBeenCalledWith({ code: SpanStatusCode.ERROR });
    expect(setAttribute).toHaveBeenCalledWith('error.type', 'TypeError');
    expect(end).toHaveBeenCalledTimes(1);
  });
});

describe('flushing', () => {
  it('waits for a dead collector no longer than the limit, once', async () => {
    const shutdown = jest.fn(() => new Promise<void>(() => {}));
    rememberTelemetry({ serveMetrics: async () => {}, shutdown });
    const started = performance.now();
    await flushTelemetry(50);
    await flushTelemetry(50);
    expect(performance.now() - started).toBeLessThan(1_000);
    expect(shutdown).toHaveBeenCalledTimes(1);
  });

  it('never fails', async () => {
    rememberTelemetry({ serveMetrics: async () => {}, shutdown: () => Promise.reject(new Error('no route')) });
    await expect(flushTelemetry()).resolves.toBeUndefined();
  });
});

import { ROOT_CONTEXT, SpanKind, TraceFlags, trace } from '@opentelemetry/api';
import { TracerProvider } from '@opentelemetry/sdk-trace';
import { READS_RATIO, readsSampler } from './reads-sampler.js';

const names = (env: NodeJS.ProcessEnv) => readsSampler({ OTEL_TRACES_SAMPLER: READS_RATIO, ...env });

function tracerOf(ratio: string) {
  const sampler = names({ OTEL_TRACES_SAMPLER_ARG: ratio });
  if (!sampler) throw new Error('no sampler');
  const keepsNothing = {
    onStart: () => {},
    onEnd: () => {},
    forceFlush: () => Promise.resolve(),
    shutdown: () => Promise.resolve(),
  };
  return new TracerProvider({ sampler, spanProcessors: [keepsNothing] }).getTracer('test');
}

describe('sampling of reads', () => {
  const none = tracerOf('0');
  const isTraced = (name: string, attributes = {}, parent = ROOT_CONTEXT) =>
    none.startSpan(name, { kind: SpanKind.SERVER, attributes }, parent).isRecording();

  it.each(['GET', 'HEAD', 'OPTIONS'])('leaves %s requests out', (method) => {
    expect(isTraced(method, { 'http.request.method': method })).toBe(false);
  });

  it.each(['POST', 'PUT', 'PATCH', 'DELETE', '_OTHER'])('traces every %s request', (method) => {
    expect(isTraced(method, { 'http.request.method': method })).toBe(true);
  });

  it('knows reads among RPCs by the names of standard methods', () => {
    expect(isTraced('grpc.store.orders.v1.Orders/GetOrder')).toBe(false);
    expect(isTraced('grpc.store.inventory.v1.Inventory/ListProducts')).toBe(false);
    expect(isTraced('grpc.store.orders.v1.Orders/PlaceOrder')).toBe(true);
    expect(isTraced('grpc.store.v1.Shop/Getaway')).toBe(true);
    expect(isTraced('place-order deadline')).toBe(true);
  });

  it('follows the decision that was made where the trace began', () => {
    const parent = (traceFlags: TraceFlags) =>
      trace.setSpanContext(ROOT_CONTEXT, {
        traceId: '0af7651916cd43dd8448eb211c80319c',
        spanId: 'b7ad6b7169203331',
        traceFlags,
        isRemote: true,
      });
    const read = 'grpc.store.users.v1.Users/GetUser';
    expect(isTraced(read, {}, parent(TraceFlags.SAMPLED))).toBe(true);
    expect(isTraced('publish ReserveStock', {}, parent(TraceFlags.NONE))).toBe(false);
  });

  it('gives traces that are left out an id all the same', () => {
    const span = none.startSpan('GET', { attributes: { 'http.request.method': 'GET' } }, ROOT_CONTEXT);
    expect(span.spanContext().traceId).toMatch(/^(?!0{32})[0-9a-f]{32}$/);
  });

  it('traces the share that was asked for', () => {
    const tenth = tracerOf('0.1');
    const get = () => tenth.startSpan('GET', { attributes: { 'http.request.method': 'GET' } }, ROOT_CONTEXT);
    const traced = Array.from({ length: 4_000 }, get).filter((span) => span.isRecording()).length;
    expect(traced).toBeGreaterThan(280);
    expect(traced).toBeLessThan(520);
  });
});

describe('OTEL_TRACES_SAMPLER', () => {
  it.each([undefined, '', 'always_on', 'parentbased_traceidratio'])('leaves %j to the SDK', (name) => {
    expect(readsSampler({ OTEL_TRACES_SAMPLER: name })).toBeUndefined();
  });

  it('refuses what it does not know, and a share that is none, by name', () => {
    expect(() => readsSampler({ OTEL_TRACES_SAMPLER: 'sometimes' })).toThrow('OTEL_TRACES_SAMPLER is sometimes');
    for (const share of [undefined, '', '10%', '1.5', '-1']) {
      expect(() => names({ OTEL_TRACES_SAMPLER_ARG: share })).toThrow('OTEL_TRACES_SAMPLER_ARG must be the share');
    }
  });
});

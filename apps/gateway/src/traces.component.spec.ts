import { SpanKind, SpanStatusCode } from '@opentelemetry/api';
import { NodeSDK } from '@opentelemetry/sdk-node';
import { DomainError } from '#libs/errors';
import { until } from '#libs/testing';
import { EventReader } from '../test/event-reader.js';
import { problemOf } from '../test/problem-of.js';
import { rawRequest } from '../test/raw-request.js';
import { TestGateway } from '../test/test-gateway.js';

const ID = '0b6f4e55-5d4c-4c5c-8a0e-1f1a5f1b9a11';

type SpanProcessor = NonNullable<NonNullable<ConstructorParameters<typeof NodeSDK>[0]>['spanProcessors']>[number];
type EndedSpan = Parameters<SpanProcessor['onEnd']>[0];

describe('the trace of a request', () => {
  const ended: EndedSpan[] = [];
  const collector: SpanProcessor = {
    onStart: () => {},
    onEnd: (span) => ended.push(span),
    forceFlush: async () => {},
    shutdown: async () => {},
  };
  const sdk = new NodeSDK({
    autoDetectResources: false,
    spanProcessors: [collector],
    metricReaders: [],
    logRecordProcessors: [],
  });
  let test: TestGateway;
  beforeAll(async () => {
    sdk.start();
    test = await TestGateway.start();
  });
  afterAll(async () => {
    await test?.close();
    await sdk.shutdown();
  });
  beforeEach(() => {
    ended.length = 0;
    test.upstream.reset();
  });

  const spans = async (count: number) => {
    await until(() => ended.length >= count, { what: `${count} spans` });
    return ended;
  };

  it('is told even where the HTTP parser refused what came', async () => {
    const { status, head, body } = await rawRequest(test.running.url, 'nonsense\r\n\r\n');
    const [span] = await spans(1);
    expect([status, span?.kind]).toEqual([400, SpanKind.SERVER]);
    const { traceId, spanId } = span?.spanContext() ?? {};
    expect(head).toContain(`traceresponse: 00-${traceId}-${spanId}-01`);
    expect(JSON.parse(body)).toMatchObject({ code: 'BAD_REQUEST', traceId });
  });

  it('begins here, goes on in the service, and is told to the client', async () => {
    const token = await test.token('orders:read');
    const response = await test.fetch(`/v1/orders/${ID}?`, { token });
    const all = await spans(2);
    const server = all.find(({ kind }) => kind === SpanKind.SERVER);
    const client = all.find(({ kind }) => kind === SpanKind.CLIENT);
    expect(all).toHaveLength(2);
    expect(server).toMatchObject({
      name: 'GET /v1/orders/{id}',
      parentSpanContext: undefined,
      attributes: { 'http.request.method': 'GET', 'http.route': '/v1/orders/{id}', 'http.response.status_code': 200 },
    });
    expect(client).toMatchObject({
      name: 'store.orders.v1.Orders/GetOrder',
      attributes: { 'rpc.system': 'grpc', 'rpc.method': 'GetOrder', 'rpc.grpc.status_code': 0 },
    });
    const traceId = server?.spanContext().traceId;
    expect(client?.parentSpanContext?.spanId).toBe(server?.spanContext().spanId);
    expect(response.headers.get('traceresponse')).toBe(`00-${traceId}-${server?.spanContext().spanId}-01`);
    expect(test.upstream.calls[0]?.metadata.get('traceparent')).toEqual([
      `00-${traceId}-${client?.spanContext().spanId}-01`,
    ]);
    await until(() => test.lines.some(({ trace_id }) => trace_id === traceId), { what: 'the line with its trace' });
  });

  it('is linked to the one that a client names, not part of it', async () => {
    const theirs = '4bf92f3577b34da6a3ce929d0e0e4736';
    await test.fetch('/v1/products', {
      headers: { traceparent: `00-${theirs}-00f067aa0ba902b7-01`, baggage: 'user=root' },
    });
    const server = (await spans(2)).find(({ kind }) => kind === SpanKind.SERVER);
    expect(server?.spanContext().traceId).not.toBe(theirs);
    expect(server?.links.map(({ context }) => context.traceId)).toEqual([theirs]);
    expect(test.upstream.calls[0]?.metadata.get('baggage')).toEqual([]);
  });

  it('is named in problems, and marks what failed without its words', async () => {
    test.upstream.answer('GetProduct', () => {
      throw new TypeError('password=hunter2');
    });
    const response = await test.fetch('/v1/products/mug');
    const [client, server] = await spans(2);
    expect((await problemOf(response)).traceId).toBe(server?.spanContext().traceId);
    expect(server?.status.code).toBe(SpanStatusCode.ERROR);
    expect(server?.attributes['error.type']).toBe('INTERNAL');
    expect(client?.attributes['rpc.grpc.status_code']).toBe(13);
    expect(JSON.stringify([server?.attributes, server?.status, client?.attributes, client?.events])).not.toContain(
      'hunter2',
    );
  });

  it('tells that a call was repeated, without the words of the answer that it followed', async () => {
    test.upstream.answer('GetProduct', () => {
      throw new DomainError('UPSTREAM_UNAVAILABLE', { message: 'password=hunter2' });
    });
    await test.fetch('/v1/products/mug');
    const client = (await spans(2)).find(({ kind }) => kind === SpanKind.CLIENT);
    const repeated = { name: 'retry', attributes: { 'error.type': '14' } };
    expect(client?.events).toMatchObject([repeated, repeated]);
    expect(JSON.stringify(client?.events)).not.toContain('hunter2');
  });

  it('of a stream ends with it, also when its reader goes away', async () => {
    test.upstream.stream('WatchOrder', (call) => call.write({ sequence: 1n }));
    const client = new AbortController();
    const token = await test.token('orders:read');
    const response = await test.fetch(`/v1/orders/${ID}:watch`, { token, signal: client.signal });
    await new EventReader(response).until('id: 1');
    expect(ended).toEqual([]);
    client.abort();
    const all = await spans(2);
    const server = all.find(({ kind }) => kind === SpanKind.SERVER);
    expect(server?.attributes['http.response.status_code']).toBe(499);
    expect(all.find(({ kind }) => kind === SpanKind.CLIENT)?.parentSpanContext?.spanId).toBe(
      server?.spanContext().spanId,
    );
  });

  it('holds nothing that a request carried', async () => {
    const token = await test.token('orders:write');
    test.upstream.answer('PlaceOrder', () => {
      throw new DomainError('UNKNOWN_SKU');
    });
    const body = { lines: [{ sku: 'mug', quantity: 1 }], paymentMethod: 'pm_canary_4242' };
    await test.fetch('/v1/orders', { method: 'POST', token, body, headers: { 'idempotency-key': 'canary-key' } });
    await test.fetch('/v1/products?pageToken=canary-query');
    await test.fetch('/canary-path/canary@example.com');
    const all = await spans(5);
    const written = JSON.stringify(
      all.map(({ name, attributes, events, status }) => [name, attributes, events, status]),
    );
    for (const secret of ['pm_canary', 'canary-key', 'canary-query', 'canary-path', 'canary@', token]) {
      expect(written).not.toContain(secret);
    }
    expect(all.find(({ attributes }) => attributes['http.response.status_code'] === 404)?.name).toBe('GET');
  });
});

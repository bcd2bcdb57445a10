import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Message } from '@bufbuild/protobuf';
import type { ServerWritableStream } from '@grpc/grpc-js';
import { DomainError, toServiceError } from '#libs/errors';
import { until } from '#libs/testing';
import { EventReader } from '../test/event-reader.js';
import { problemOf } from '../test/problem-of.js';
import { storeConfig } from '../test/store-config.js';
import { TestGateway } from '../test/test-gateway.js';

const ID = '0b6f4e55-5d4c-4c5c-8a0e-1f1a5f1b9a11';
const change = (sequence: number, state: number) => ({ sequence: BigInt(sequence), order: { id: ID, state } });

describe('a stream of changes', () => {
  let test: TestGateway;
  let token: string;
  const folder = mkdtempSync(join(tmpdir(), 'gateway-streams-'));
  beforeAll(async () => {
    const config = storeConfig(folder, (yaml) => yaml.replace('heartbeatSeconds: 15', 'heartbeatSeconds: 0.2'));
    test = await TestGateway.start({ GATEWAY_CONFIG: config });
    token = await test.token('orders:read');
  });
  afterAll(async () => {
    await test?.close();
    rmSync(folder, { recursive: true });
  });
  beforeEach(() => test.upstream.reset());

  const watch = (headers: Record<string, string> = {}, init: { token?: string; signal?: AbortSignal } = {}) =>
    test.fetch(`/v1/orders/${ID}:watch`, { token, headers, ...init });
  const twoChanges = (call: ServerWritableStream<Message, unknown>) => {
    call.write(change(1, 1));
    call.write(change(2, 2));
    call.end();
  };

  it('is events by default, each with the id to go on after', async () => {
    test.upstream.stream('WatchOrder', twoChanges);
    const response = await watch();
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    expect(response.headers.get('cache-control')).toBe('no-store');
    const order = (state: string) => `{"id":"${ID}","state":"${state}","lines":[],"refunds":[],"customerId":""}`;
    expect(await response.text()).toBe(
      `retry: 1000\n\nid: 1\ndata: {"sequence":"1","order":${order('PENDING')}}\n\nid: 2\ndata: {"sequence":"2","order":${order('CONFIRMED')}}\n\nevent: end\ndata: {}\n\n`,
    );
  });

  it('is lines or an array for who accepts those', async () => {
    test.upstream.stream('WatchOrder', twoChanges);
    const lines = await watch({ accept: 'application/x-ndjson' });
    expect(lines.headers.get('content-type')).toBe('application/x-ndjson');
    expect(
      (await lines.text())
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line).sequence),
    ).toEqual(['1', '2']);
    const array = await watch({ accept: 'application/json' });
    expect(array.headers.get('content-type')).toBe('application/json');
    expect(((await array.json()) as { sequence: string }[]).map(({ sequence }) => sequence)).toEqual(['1', '2']);
  });

  it('goes on after the event that a reader has seen last', async () => {
    await (await watch({ 'last-event-id': '41' })).text();
    await (await test.fetch(`/v1/orders/${ID}:watch?afterSequence=7`, { token })).text();
    await (await watch()).text();
    expect(test.upstream.calls.map(({ request }) => request.afterSequence)).toEqual([41n, 7n, 0n]);
    const wrong = await watch({ 'last-event-id': 'abc' });
    expect(wrong.status).toBe(400);
    expect((await problemOf(wrong)).violations?.[0]?.field).toBe('Last-Event-ID');
  });

  it('that fails before its first message is a status', async () => {
    test.upstream.stream('WatchOrder', (call) =>
      call.emit('error', toServiceError(new DomainError('ORDER_NOT_FOUND'))),
    );
    const response = await watch();
    expect(response.status).toBe(404);
    expect((await problemOf(response)).code).toBe('ORDER_NOT_FOUND');
  });

  it('that fails later ends with an event that says why', async () => {
    test.upstream.stream('WatchOrder', (call) => {
      call.write(change(1, 1));
      call.emit('error', toServiceError(new DomainError('UPSTREAM_UNAVAILABLE')));
    });
    const text = await (await watch()).text();
    expect(text).toContain('id: 1\n');
    const problem = JSON.parse(/event: error\ndata: (.*)\n\n$/.exec(text)?.[1] ?? '{}');
    expect(problem).toMatchObject({ status: 503, code: 'UPSTREAM_UNAVAILABLE' });
  });

  it('goes on where it was when the replica that sends it goes away', async () => {
    const resumedAt: unknown[] = [];
    test.upstream.stream('WatchOrder', (call) => {
      resumedAt.push(Reflect.get(call.request, 'afterSequence'));
      const next = resumedAt.length;
      call.write(change(next, next));
      if (next < 3) call.emit('error', toServiceError(new DomainError('UPSTREAM_UNAVAILABLE')));
      else call.end();
    });
    const text = await (await watch()).text();
    expect(text.match(/id: \d+|event: \w+/g)).toEqual(['id: 1', 'id: 2', 'id: 3', 'event: end']);
    expect(resumedAt).toEqual([0n, 1n, 2n]);
  });

  it('beats while there is nothing to tell, also before the first message', async () => {
    test.upstream.stream('WatchOrder', () => {});
    const response = await watch();
    expect(response.status).toBe(200);
    const reader = new EventReader(response);
    expect(await reader.until(':\n\n:\n\n')).toMatch(/^retry: 1000\n\n(:\n\n)+$/);
    await reader.cancel();
    await test.upstream.calls[0]?.cancelled;
  });

  it('is cancelled at the service when its reader goes away', async () => {
    test.upstream.stream('WatchOrder', (call) => call.write(change(1, 1)));
    const client = new AbortController();
    const reader = new EventReader(await watch({}, { signal: client.signal }));
    await reader.until('id: 1');
    client.abort();
    await test.upstream.calls[0]?.cancelled;
  });

  it('holds the service back when its reader is slow', async () => {
    let written = 0;
    let full = false;
    test.upstream.stream('WatchOrder', (call) => {
      const pump = () => {
        while (written < 50_000 && !full) {
          written++;
          if (!call.write({ ...change(written, 1), order: { id: 'x'.repeat(1000) } })) full = true;
        }
      };
      call.on('drain', () => {
        full = false;
        pump();
      });
      call.once('cancelled', () => {
        full = true;
      });
      pump();
    });
    const client = new AbortController();
    const response = await watch({}, { signal: client.signal });
    let before = -1;
    const standsStill = () => {
      const stands = written === before;
      before = written;
      return stands;
    };
    await until(standsStill, { what: 'the service to be held back', interval: 300 });
    expect(written).toBeLessThan(40_000);
    expect(response.status).toBe(200);
    client.abort();
    await test.upstream.calls[0]?.cancelled;
  });

  it('ends when the token does that it was opened with', async () => {
    test.upstream.stream('WatchOrder', (call) => call.write(change(1, 1)));
    const shortLived = await test.token({ scope: 'orders:read', expiresIn: 2 });
    const text = await (await watch({}, { token: shortLived })).text();
    expect(text).toContain('id: 1\n');
    expect(JSON.parse(/event: error\ndata: (.*)\n\n$/.exec(text)?.[1] ?? '{}')).toMatchObject({
      code: 'UNAUTHENTICATED',
    });
    await test.upstream.calls[0]?.cancelled;
  });

  it('has no body for HEAD', async () => {
    test.upstream.stream('WatchOrder', (call) => call.write(change(1, 1)));
    const response = await test.fetch(`/v1/orders/${ID}:watch`, { method: 'HEAD', token });
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/event-stream; charset=utf-8']);
    await test.upstream.calls[0]?.cancelled;
  });
});

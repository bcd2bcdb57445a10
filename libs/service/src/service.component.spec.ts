import { EventEmitter } from 'node:events';
import { Client, credentials, Metadata, type ServiceError, status } from '@grpc/grpc-js';
import { Module } from '@nestjs/common';
import { Code, Orders, serviceDefinition, Users } from '#libs/contracts';
import { fromServiceError, type ReceivedError } from '#libs/errors';
import { customer, RunningTill, TillModule } from '../test/running-till.js';
import { IDS } from '../test/till.js';
import { runInCall, type ServerCall } from './call-context.js';
import { createLogger, loadConfig, serviceEnvironment, startService } from './index.js';

let running: RunningTill;

beforeAll(async () => {
  running = await RunningTill.start();
});

afterAll(() => running?.stop());

const failure = (call: Promise<unknown>): Promise<ReceivedError | undefined> =>
  call.then(() => undefined, fromServiceError);
const order = { lines: [{ sku: 'mug', quantity: 1 }], paymentMethod: 'pm_card_visa' };

describe('a service', () => {
  it('hands the verified principal and the request to the handler', async () => {
    const answer = await running.client.placeOrder(order);
    expect(answer).toMatchObject({ id: 'customer-1', lines: [{ sku: 'mug', quantity: 1 }] });
  });

  it('refuses a request that breaks its rules, naming each field by its JSON path', async () => {
    const lines = [
      { sku: 'mug', quantity: 1 },
      { sku: '', quantity: 0 },
    ];
    const refused = await failure(running.client.placeOrder({ lines, paymentMethod: 'canary-card' }));
    expect(refused).toMatchObject({ grpc: Code.INVALID_ARGUMENT, reason: 'VALIDATION_FAILED' });
    expect(refused?.violations.map(({ field }) => field)).toEqual([
      'lines[1].sku',
      'lines[1].quantity',
      'paymentMethod',
    ]);
    expect(refused?.violations.every(({ description, reason }) => description && reason)).toBe(true);
  });

  it('refuses text that no database can store', async () => {
    const refused = await failure(running.client.listOrders({ pageToken: 'a\0b' }));
    expect(refused).toMatchObject({ grpc: Code.INVALID_ARGUMENT, reason: 'VALIDATION_FAILED' });
    expect(refused?.violations.map(({ field }) => field)).toEqual(['pageToken']);
  });

  it('tells the reason of a domain error', async () => {
    const refused = await failure(running.client.getOrder({ id: IDS.missing }));
    expect(refused).toMatchObject({ grpc: Code.NOT_FOUND, reason: 'ORDER_NOT_FOUND', domain: 'ineedthatfast' });
  });

  it('says nothing about a bug to the client, and logs it with its stack and without personal data', async () => {
    const refused = await failure(running.client.getOrder({ id: IDS.bug }));
    expect(refused).toMatchObject({ grpc: Code.INTERNAL, reason: 'INTERNAL' });
    expect(JSON.stringify(refused, (_, value) => (typeof value === 'bigint' ? `${value}` : value))).not.toContain(
      'canary',
    );
    const line = running.logs.find((logged) => logged.includes('call failed')) ?? '{}';
    const logged = JSON.parse(line) as { err: { stack: string }; rpc: string; level: string };
    expect(logged).toMatchObject({ level: 'error', rpc: '/store.orders.v1.Orders/GetOrder' });
    expect(logged.err.stack).toContain('till.ts');
    expect(line).not.toContain('someone@canary.example');
  });

  it('knows the time that the caller gave', async () => {
    const { id } = await running.client.getOrder({ id: IDS.deadline }, { timeoutMs: 3_000 });
    expect(Number(id)).toBeGreaterThan(1_000);
    expect(Number(id)).toBeLessThanOrEqual(3_000);
  });

  it('notices that the caller has given up', async () => {
    const refused = await failure(running.client.getOrder({ id: IDS.waits }, { timeoutMs: 300 }));
    expect(refused?.grpc).toBe(Code.DEADLINE_EXCEEDED);
    await running.till.givenUp.promise;
  });

  it('answers health checks, and metrics in the format of Prometheus', async () => {
    const get = (path: string) => fetch(running.service.opsUrl + path);
    expect((await get('/healthz')).status).toBe(200);
    expect(await (await get('/readyz')).json()).toEqual({ status: 'ready', checks: {} });
    expect((await get('/metrics')).headers.get('content-type')).toContain('text/plain');
    expect((await get('/else')).status).toBe(404);
    expect((await fetch(`${running.service.opsUrl}/readyz`, { method: 'POST' })).headers.get('allow')).toBe(
      'GET, HEAD',
    );
  });
});

describe('a call that is made for another call', () => {
  const incoming = (deadline: number) => {
    const events = new EventEmitter();
    const call: ServerCall = {
      getDeadline: () => deadline,
      getPath: () => '/test/Test',
      once: (event, listener) => events.once(event, listener),
    };
    return { call, cancel: () => events.emit('cancelled') };
  };

  it('has no more time than that one has left', async () => {
    const { call } = incoming(Date.now() + 700);
    const { id } = await runInCall(call, () => running.client.getOrder({ id: IDS.deadline }));
    expect(Number(id)).toBeLessThanOrEqual(700);
  });

  it('is cancelled with it', async () => {
    const { call, cancel } = incoming(Number.POSITIVE_INFINITY);
    const refused = failure(runInCall(call, () => running.client.getOrder({ id: IDS.waits })));
    cancel();
    expect((await refused)?.grpc).toBe(Code.CANCELLED);
  });
});

describe('who may call', () => {
  const { GetOrder } = serviceDefinition(Orders);
  const raw = (metadata: Metadata): Promise<ReceivedError | undefined> => {
    const channel = new Client(running.service.grpcAddress, credentials.createInsecure());
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    const done = (error: ServiceError | null, value?: unknown) => (error ? reject(error) : resolve(value));
    if (!GetOrder) throw new Error('no GetOrder');
    channel.makeUnaryRequest(
      GetOrder.path,
      GetOrder.requestSerialize,
      GetOrder.responseDeserialize,
      { id: IDS.deadline },
      metadata,
      { deadline: Date.now() + 5_000 },
      done,
    );
    return failure(promise).finally(() => channel.close());
  };
  const withToken = async (claims: Partial<Parameters<RunningTill['caller']['token']>[0]>) => {
    const token = await running.caller.token({ audience: 'orders', ...customer, ...claims });
    return raw(Metadata.fromHttp2Headers({ authorization: `Bearer ${token}` }));
  };
  const now = () => Math.floor(Date.now() / 1000);

  it('is the bearer of a valid token', async () => {
    expect(await withToken({})).toBeUndefined();
  });

  it('is not who says in plain metadata who they are', async () => {
    const forged = Metadata.fromHttp2Headers({
      'x-user-id': 'customer-1',
      'x-principal': '{"subject":"customer-1","scopes":["orders:read"]}',
      'x-scopes': 'orders:read',
    });
    expect(await raw(forged)).toMatchObject({ grpc: Code.UNAUTHENTICATED, reason: 'UNAUTHENTICATED' });
  });

  it.each([
    ['for another service', { audience: 'payments' }],
    ['that has expired', { issuedAt: now() - 120 }],
    ['of another type', { type: 'at+jwt' }],
    ['of an unknown caller', { issuer: 'mallory' }],
    ['that would live longer than a minute', { lifetimeSeconds: 3_600 }],
    ['from the future', { issuedAt: now() + 600 }],
    ['with a key that nobody published', { header: { kid: 'other' } }],
  ])('is not the bearer of a token %s', async (_, claims) => {
    expect(await withToken(claims)).toMatchObject({ grpc: Code.UNAUTHENTICATED });
  });

  it.each([['nonsense'], ['a.b.c'], ['eyJhbGciOiJub25lIn0.eyJpc3MiOiJnYXRld2F5In0.']])(
    'is not the bearer of %s',
    async (token) => {
      expect(await raw(Metadata.fromHttp2Headers({ authorization: `Bearer ${token}` }))).toMatchObject({
        grpc: Code.UNAUTHENTICATED,
      });
    },
  );

  it('is nobody who is anonymous, where the policy asks for a scope', async () => {
    expect(await withToken({ subject: 'anonymous', scopes: [] })).toMatchObject({ grpc: Code.UNAUTHENTICATED });
  });

  it('is nobody without the scope of the policy', async () => {
    expect(await withToken({ scopes: ['orders:write'] })).toMatchObject({ grpc: Code.PERMISSION_DENIED });
  });
});

describe('starting', () => {
  const config = loadConfig(serviceEnvironment, {
    OPS_LISTEN: '127.0.0.1:0',
    GRPC_LISTEN: '127.0.0.1:0',
    DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none',
    KAFKA_BROKERS: '127.0.0.1:1',
    TRUSTED_CALLERS: 'gateway=http://127.0.0.1:1/jwks.json',
  });

  it('fails when an RPC has no handler, naming it', async () => {
    @Module({})
    class EmptyModule {}
    const log = await createLogger({ name: 'users', level: 'silent', format: 'json' });
    const start = startService({ name: 'users', module: EmptyModule, services: [Users], config }, log);
    await expect(start).rejects.toThrow('store.users.v1.Users.CreateUser has no handler');
  });

  it('fails when the port is taken', async () => {
    const log = await createLogger({ name: 'orders', level: 'silent', format: 'json' });
    const [host = '', port = ''] = running.service.grpcAddress.split(':');
    const taken = { ...config, GRPC_LISTEN: { host, port: Number(port) } };
    const start = startService({ name: 'orders', module: TillModule, services: [Orders], config: taken }, log);
    await expect(start).rejects.toThrow(port);
  });
});

describe('stopping', () => {
  it('lets a running call end, refuses new ones, and ends streams so that they are resumed elsewhere', async () => {
    const stopped = await RunningTill.start();
    const call = stopped.client.getOrder({ id: IDS.waits });
    await stopped.till.entered.promise;
    const stream = await watch(stopped);
    const stopping = stopped.stop();
    expect(await stream.ended).toBe(status.UNAVAILABLE);
    expect((await fetch(`${stopped.service.opsUrl}/readyz`)).status).toBe(503);
    const late = new Client(stopped.service.grpcAddress, credentials.createInsecure());
    const { promise: refused, resolve } = Promise.withResolvers<unknown>();
    late.waitForReady(Date.now() + 200, resolve);
    expect(await refused).toBeInstanceOf(Error);
    late.close();
    stopped.till.release.resolve();
    expect((await call).id).toMatch(/^\d+$/);
    await stopping;
  });

  async function watch(at: RunningTill): Promise<{ ended: Promise<number | undefined> }> {
    const { WatchOrder } = serviceDefinition(Orders);
    if (!WatchOrder) throw new Error('no WatchOrder');
    const token = await at.caller.token({ audience: 'orders', ...customer });
    const channel = new Client(at.service.grpcAddress, credentials.createInsecure());
    const stream = channel.makeServerStreamRequest(
      WatchOrder.path,
      WatchOrder.requestSerialize,
      WatchOrder.responseDeserialize,
      { id: IDS.deadline },
      Metadata.fromHttp2Headers({ authorization: `Bearer ${token}` }),
    );
    const first = Promise.withResolvers<void>();
    const end = Promise.withResolvers<number | undefined>();
    stream.on('data', () => first.resolve());
    stream.on('error', (error: ServiceError) => {
      channel.close();
      end.resolve(error.code);
    });
    await first.promise;
    return { ended: end.promise };
  }
});

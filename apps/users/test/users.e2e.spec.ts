import { text } from 'node:stream/consumers';
import { Users } from '#libs/contracts';
import type { CallFor } from '#libs/identity';
import { type GrpcClient, grpcClient } from '#libs/service';
import { until } from '#libs/testing';
import { SpanCollector } from '../../../test/trace/span-collector.js';
import { roots } from '../../../test/trace/span-tree.js';
import { runMain, UsersProcess } from './users-process.js';

let collector: SpanCollector;
let users: UsersProcess;
let client: GrpcClient<typeof Users>;
let number = 0;

const newcomer = () => ({ email: `canary.${++number}@shop.example`, password: 'canary-password', name: 'Canary Bird' });

beforeAll(async () => {
  collector = await SpanCollector.start();
  users = await UsersProcess.start({
    OTEL_TRACES_EXPORTER: 'zipkin',
    OTEL_EXPORTER_ZIPKIN_ENDPOINT: collector.endpoint,
    OTEL_BSP_SCHEDULE_DELAY: '100',
    OTEL_NODE_ENABLED_INSTRUMENTATIONS: 'pg',
  });
  const tokens = { mint: (as: CallFor, audience: string) => users.caller.token({ ...as, audience }) };
  const as = { subject: 'anonymous', scopes: [] };
  client = grpcClient(Users, users.grpc, { tokens, audience: 'users', as });
});

afterAll(async () => {
  client?.close();
  await users?.close();
  await collector?.stop();
});

describe('the users process', () => {
  it('makes one trace of a call, from gRPC to SQL, without the values', async () => {
    await client.createUser(newcomer());
    const server = await until(() => collector.spans.find(({ name }) => name.endsWith('Users/CreateUser')), {
      what: 'the span of CreateUser',
    });
    const insert = await until(
      () => collector.trace(server.traceId).find(({ tags }) => JSON.stringify(tags)?.includes('insert into')),
      { what: 'the span of an INSERT' },
    );
    expect(insert.localEndpoint.serviceName).toBe('users');
    expect(JSON.stringify(insert.tags)).toContain('$1');
  });

  it('makes no trace of health checks and of polling', async () => {
    const seen = collector.bodies.length;
    for (let i = 0; i < 5; i += 1) await fetch(`${users.ops}/readyz`);
    await client.getJsonWebKeySet({});
    await until(() => collector.bodies.length > seen, { what: 'a later span' });
    const names = new Set(roots(collector.spans).map(({ name }) => name));
    expect([...names].filter((name) => !name.includes('store.users.v1.Users'))).toEqual([]);
  });

  it('serves metrics of its calls and its runtime', async () => {
    const metrics = await (await fetch(`${users.ops}/metrics`)).text();
    expect(metrics).toMatch(/target_info\{[^}]*service_name="users"[^}]*service_version="\d/);
    expect(metrics).toMatch(/rpc_server_call_duration\w*_count\{[^}]*rpc_method="CreateUser"[^}]*\} [1-9]/);
    expect(metrics).toMatch(/nodejs_eventloop/);
  });

  it('lets running calls end on SIGTERM, sends the last spans, and ends with 0 within 10 s', async () => {
    const calls = Array.from({ length: 30 }, () => client.createUser(newcomer()));
    await Promise.race(calls);
    const started = performance.now();
    users.terminate();
    const answers = await Promise.allSettled(calls);
    expect(answers.filter(({ status }) => status === 'rejected')).toEqual([]);
    expect(await users.exit).toBe(0);
    expect(performance.now() - started).toBeLessThan(10_000);
    expect(collector.spans.filter(({ name }) => name.endsWith('Users/CreateUser'))).toHaveLength(31);
    expect(users.logged('stopped')).toBeDefined();
  });

  it('has told nobody an e-mail address, a name or a password', () => {
    expect(users.output).toContain('user registered');
    expect(users.output).not.toMatch(/canary/i);
    expect(collector.bodies.join('')).not.toMatch(/canary/i);
  });
});

it('says which variable is missing, and ends', async () => {
  const child = runMain({ OPS_LISTEN: '127.0.0.1:0', DATABASE_URL: 'mysql://users:hunter2@db/store' });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  if (!child.stderr) throw new Error('no stderr');
  const output = await text(child.stderr);
  expect(await ended).toBe(78);
  expect(output).toContain('GRPC_LISTEN is not set; set it to host:port');
  expect(output).toContain('DATABASE_URL is not a postgres:// URL');
  expect(output).not.toContain('hunter2');
});

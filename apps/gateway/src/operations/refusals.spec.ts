import { readFileSync } from 'node:fs';
import { create, createFileRegistry, fromBinary, type MessageInitShape, setExtension } from '@bufbuild/protobuf';
import { FileDescriptorSetSchema, MethodOptionsSchema } from '@bufbuild/protobuf/wkt';
import {
  Throttle_Dimension as Dimension,
  Policy_UnknownInput,
  PolicySchema,
  policy as policyOption,
  Stream_Form,
} from '#libs/contracts';
import { api } from '../config/api.js';
import { ConfiguredPolicies } from './configured-policy.js';
import { toOperation } from './to-operation.js';

const TOY = api.parse({ name: 'toy', descriptors: 'toy.binpb', upstreams: {} });
const DESCRIPTORS = 'libs/contracts/descriptors/store.binpb';

/** What is wrong with one of the store's RPCs under another policy. */
function refusals(
  method: string,
  policy: MessageInitShape<typeof PolicySchema> | undefined,
  { defaultPolicy, sends = false }: { defaultPolicy?: Record<string, unknown>; sends?: boolean } = {},
): string[] {
  const set = fromBinary(FileDescriptorSetSchema, readFileSync(DESCRIPTORS));
  const proto = set.file
    .flatMap(({ service }) => service.flatMap(({ method: all }) => all))
    .find(({ name }) => name === method);
  if (!proto) throw new Error(method);
  proto.options = create(MethodOptionsSchema);
  proto.clientStreaming = sends;
  if (policy) setExtension(proto.options, policyOption, create(PolicySchema, policy));
  const registry = createFileRegistry(set);
  const services = [...registry].flatMap((type) => (type.kind === 'service' ? type.methods : []));
  const rpc = services.find(({ name }) => name === method);
  if (!rpc) throw new Error(method);
  try {
    const upstream = {
      address: 'a:1',
      audience: 'a',
      credentials: 'none',
      tls: undefined,
      channel: { kind: 'http2' },
    } as const;
    const api = { ...TOY, defaultPolicy };
    const problems: string[] = [];
    const policies = new ConfiguredPolicies(api, [], (problem) => problems.push(problem.message));
    toOperation(rpc, { upstream, policy: policies.of(rpc) });
    return problems;
  } catch (error) {
    return (error as Error).message
      .split('\n')
      .map((line) => line.replace(`${rpc.parent.typeName}.${rpc.name}: (gateway.v1.policy).`, ''));
  }
}

const open = { access: { case: 'public', value: true } } as const;
const scoped = { access: { case: 'scopes', value: { all: 'a' } } } as const;

describe('a policy', () => {
  it('has to say who may call, unless its API says so', () => {
    const missing = ['access is missing: say public, authenticated or scopes'];
    expect(refusals('GetOrder', undefined)).toEqual(missing);
    expect(refusals('GetOrder', {})).toEqual(missing);
    expect(refusals('GetOrder', {}, { defaultPolicy: { authenticated: true } })).toEqual([]);
    expect(refusals('GetOrder', open)).toEqual([]);
  });

  it.each<[string, MessageInitShape<typeof PolicySchema>, string]>([
    ['GetOrder', { ...open, cache: {} }, 'cache is not implemented yet'],
    ['GetOrder', { ...open, quotaCost: 2 }, 'quota_cost is not implemented yet'],
    ['GetOrder', { ...open, sunset: { date: '2027-01-01' } }, 'sunset is not implemented yet'],
    ['GetOrder', { ...open, unknownInput: Policy_UnknownInput.REPORT }, 'unknown_input is not implemented yet'],
    ['GetOrder', { ...open, unknownInput: Policy_UnknownInput.IGNORE }, 'unknown_input is not implemented yet'],
  ])('of %s is refused for what is not implemented: %j', (method, policy, refusal) => {
    expect(refusals(method, policy)).toEqual([refusal]);
  });

  it.each<[string, MessageInitShape<typeof PolicySchema>, string]>([
    ['GetOrder', { access: { case: 'public', value: false } }, 'public is false: say who may call'],
    ['GetOrder', { access: { case: 'scopes', value: {} } }, 'scopes names no scope'],
    ['GetOrder', { ...open, retry: {} }, 'retry.max_attempts is not 1 to 5'],
    ['GetOrder', { ...open, retry: { maxAttempts: 6 } }, 'retry.max_attempts is not 1 to 5'],
    [
      'GetOrder',
      { ...open, throttle: [{ rate: 0, burst: 1, per: [Dimension.ROUTE] }] },
      'throttle needs a rate above 0 and a burst of at least 1',
    ],
    ['GetOrder', { ...open, throttle: [{ rate: 1, burst: 1 }] }, 'throttle.per is missing'],
    [
      'GetOrder',
      { ...open, throttle: [{ rate: 1, burst: 1, per: [Dimension.FIELD] }] },
      'throttle.field goes with per: FIELD',
    ],
    [
      'GetOrder',
      { ...open, throttle: [{ rate: 1, burst: 1, per: [Dimension.FIELD], field: 'ident' }] },
      'throttle: store.orders.v1.GetOrderRequest has no field "ident"',
    ],
    [
      'PlaceOrder',
      { ...scoped, throttle: [{ rate: 1, burst: 1, per: [Dimension.FIELD], field: 'lines' }] },
      'throttle: "lines" of store.orders.v1.PlaceOrderRequest is no scalar field',
    ],
    ['PlaceOrder', { ...open, idempotency: {} }, 'idempotency needs a principal: anybody could replay an answer'],
    ['WatchOrder', { ...scoped, idempotency: {} }, 'idempotency is for unary RPCs'],
    [
      'CreateSession',
      { ...scoped, idempotency: {} },
      'idempotency would store the secret store.users.v1.Session.access_token',
    ],
    ['GetOrder', { ...open, successStatus: 302 }, 'success_status is no 2xx with a body'],
    ['GetOrder', { ...open, timeout: {} }, 'timeout is not positive'],
    ['GetOrder', { ...open, location: '/v1/{nothing}' }, 'location: store.orders.v1.Order has no field "nothing"'],
    [
      'PlaceOrder',
      { ...open, preferWaitField: 'payment_method' },
      'prefer_wait_field: "payment_method" of store.orders.v1.PlaceOrderRequest is no int32',
    ],
    ['GetOrder', { ...open, stream: {} }, 'stream is for streams'],
    [
      'WatchOrder',
      { ...open, stream: { eventIdField: 'order' } },
      'stream: "order" of store.orders.v1.OrderChange is no scalar field',
    ],
  ])('of %s is refused for what makes no sense: %j', (method, policy, refusal) => {
    expect(refusals(method, policy)).toEqual([refusal]);
  });

  it.each<[string, MessageInitShape<typeof PolicySchema>, string[]]>([
    ['GetOrder', {}, []],
    ['GetOrder', { stream: { form: Stream_Form.WEBSOCKET } }, []],
    [
      'GetOrder',
      { stream: { form: Stream_Form.SSE } },
      ['stream says how responses are told, and there is one: leave it out, or say form: WEBSOCKET alone'],
    ],
    ['GetOrder', { preferWaitField: 'wait_seconds' }, ['prefer_wait_field is for RPCs with one request']],
    ['WatchOrder', {}, []],
    ['WatchOrder', { stream: { form: Stream_Form.SSE, eventIdField: 'sequence' } }, []],
    ['WatchOrder', { stream: { resumeField: 'after_sequence' } }, ['stream.resume_field is for server streams']],
  ])('of %s, were it sent a stream, is served or refused: %j', (method, policy, wanted) => {
    const told = refusals(method, { ...open, ...policy }, { sends: true });
    expect(told.filter((refusal) => !refusal.includes('has no field'))).toEqual(wanted);
  });

  it('is served over WebSocket where it says so', () => {
    expect(refusals('WatchOrder', { ...open, stream: { form: Stream_Form.WEBSOCKET } })).toEqual([]);
  });

  it('is refused with all its faults at once', () => {
    expect(refusals('GetOrder', { cache: {}, successStatus: 500 })).toHaveLength(3);
  });
});

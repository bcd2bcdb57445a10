import { type DescMessage, type FileRegistry, fromBinary, toBinary, toJson } from '@bufbuild/protobuf';
import fc from 'fast-check';
import { DomainError } from '#libs/errors';
import { jsonText } from '../../test/json-text.js';
import { routeTo } from '../../test/route-to.js';
import { rootOf, schema } from '../../test/schema.js';
import { toyMethod, toyRegistry } from '../../test/toy.js';
import { wireBytes } from '../../test/wire-bytes.js';
import { DIALECTS, type Dialect, REQUEST_RULES } from '../dialect.js';
import { messageReader } from '../message-reader.js';
import { RequestReader } from '../request.js';
import { type Route, routesOf } from '../route.js';
import { CompiledRequests } from './compiled-request.js';

// CODEC_RUNS=20000 npm run test:unit -- compiled-request tries for minutes; fast-check prints the seed of what fails.
const RUNS = Number(process.env.CODEC_RUNS ?? 80);

type Sent = { readonly body: Buffer; readonly dialect: Dialect };

/** By reflection: canonical bytes, or that the request is refused. */
function slowly(route: Route, registry: FileRegistry, { body, dialect }: Sent): Buffer | undefined {
  try {
    const message = messageReader(route, registry, { dialect }).read({ variables: [], query: '', body });
    return Buffer.from(toBinary(route.rpc.input, message));
  } catch (error) {
    if (error instanceof DomainError) return undefined;
    throw error;
  }
}

function compare(route: Route, registry: FileRegistry, sent: Buffer | Sent): 'compiled' | 'left' {
  const { body, dialect } = Buffer.isBuffer(sent) ? { body: sent, dialect: 'strict' as const } : sent;
  const compiled = CompiledRequests.of(route, registry, { rules: REQUEST_RULES[dialect] });
  const fast = compiled?.read({ variables: [], query: '', body });
  if (!fast) return 'left';
  const slow = slowly(route, registry, { body, dialect });
  expect([body.toString(), Buffer.from(fast.bytes).toString('hex')]).toEqual([body.toString(), slow?.toString('hex')]);
  return 'compiled';
}

const many = (desc: DescMessage) => fc.array(jsonText(desc), { minLength: 20, maxLength: 20 });
const cases = schema.chain((registry) =>
  fc.record({ registry: fc.constant(registry), bodies: many(rootOf(registry)) }),
);

describe('a body read by compiled code', () => {
  it.each(DIALECTS)('gives the canonical bytes that reflection gives, or is left to it: %s', (dialect) => {
    fc.assert(
      fc.property(cases, ({ registry, bodies }) => {
        const route = routeTo(rootOf(registry));
        for (const body of bodies) compare(route, registry, { body: Buffer.from(body), dialect });
      }),
      { numRuns: RUNS },
    );
  });

  it('is read the same when it is JSON as protobuf writes it', () => {
    const seen = { compiled: 0, left: 0 };
    const written = schema.chain((registry) =>
      fc.record({ registry: fc.constant(registry), many: fc.array(wireBytes(rootOf(registry)), { minLength: 20 }) }),
    );
    fc.assert(
      fc.property(written, ({ registry, many }) => {
        const desc = rootOf(registry);
        const route = routeTo(desc);
        for (const bytes of many) {
          const json = jsonOf(desc, registry, bytes);
          if (json !== undefined) seen[compare(route, registry, Buffer.from(json))]++;
        }
      }),
      { numRuns: RUNS },
    );
    // A third of the fields are of types, or have names, that are left to reflection.
    expect(seen.compiled).toBeGreaterThan(seen.left / 4);
  });

  it('is never read where reflection refuses it, whatever has happened to its bytes', () => {
    const damage = fc.array(
      fc.tuple(fc.nat(), fc.oneof(fc.constantFrom(...Buffer.from('{}[]",:\\0-e. n')), fc.nat(255)), fc.nat(3)),
      {
        minLength: 20,
        maxLength: 20,
      },
    );
    fc.assert(
      fc.property(cases, damage, ({ registry, bodies }, damages) => {
        const route = routeTo(rootOf(registry));
        for (const [index, text] of bodies.entries()) {
          const [at, byte, how] = damages[index] ?? [0, 0, 0];
          const body = Buffer.from(text);
          const place = at % body.length;
          if (how === 0) compare(route, registry, body.subarray(0, place));
          else if (how === 1)
            compare(route, registry, Buffer.concat([body.subarray(0, place), body.subarray(place + 1)]));
          else if (how === 2)
            compare(route, registry, Buffer.concat([body.subarray(0, place), Buffer.of(byte), body.subarray(place)]));
          else compare(route, registry, Buffer.from(body).fill(byte, place, place + 1));
        }
      }),
      { numRuns: RUNS },
    );
  });

  it('may be one field of the message', () => {
    fc.assert(
      fc.property(cases, ({ registry, bodies }) => {
        const desc = rootOf(registry);
        for (const field of desc.fields) {
          for (const text of bodies.slice(0, 5)) {
            const json: unknown = parsed(text);
            const value =
              typeof json === 'object' && json !== null ? Object.entries(json)[field.number % 3]?.[1] : json;
            compare(routeTo(desc, field), registry, Buffer.from(JSON.stringify(value) ?? text));
          }
        }
      }),
      { numRuns: RUNS / 4 },
    );
  });
});

describe('what clients send every day', () => {
  const registry = toyRegistry({ A: { post: '/v1', body: '*' }, B: { get: '/v1/{name}' } });
  const [post, get] = ['A', 'B'].map((name) => routesOf(toyMethod(registry, name))[0]);
  if (!post || !get) throw new Error('no route');

  it.each([
    '',
    ' { } ',
    '{"name":"a","pageCount":3,"copies":"9223372036854775807","serial":18446744073709551615,"price":-0.5}',
    '{ "in_print": true,\n  "page_count": -7, "name": "Caf\\u00e9 \\"x\\"" }',
    '{"tags":["a","","ü"],"author":{"age":1,"mentor":{"firstName":"Ada","mood":"SAD"}},"chapters":[{},{"mood":2}]}',
    '{"cover":"3q2+7w==","publishTime":"2026-01-31T12:00:00.5Z","limit":"7","load":0.1,"weights":[0.1,2]}',
    '{"labels":{"a":1,"b":0},"screen":"x"}',
  ])('is read by compiled code: %s', (body) => {
    expect(compare(post, registry, Buffer.from(body))).toBe('compiled');
  });

  it('is read by compiled code however long it is', () => {
    for (const length of [100, 16_300, 16_384, 70_000, 5]) {
      const body = `{"tags":["${'y'.repeat(length)}"],"name":"${'x'.repeat(length)}","weights":[${'0,'.repeat(length)}1]}`;
      expect(compare(post, registry, Buffer.from(body))).toBe('compiled');
    }
  });

  it.each([
    ['', '', undefined],
    ['a%2Fb%20c', 'page_count=3&mood=SAD&in_print=true&tags=x&tags=y&copies=9&price', undefined],
    ['x', 'pageCount=3&mood=2&inPrint=false&tags=a%26b&tags=c+d&copies=-9&paper=', 'compiled'],
    ['x', 'name=y&pageCount=3', undefined],
    ['x', 'pageCount=3x', undefined],
    ['x', 'inPrint=truex', undefined],
    ['x', 'copies=1-0', undefined],
  ])('path %j and query %j', (name, query, how) => {
    const input = { variables: [name], query, body: Buffer.of() };
    const fast = CompiledRequests.of(get, registry, undefined)?.read(input);
    if (how) expect(fast).toBeDefined();
    if (fast)
      expect(Buffer.from(fast.bytes)).toEqual(
        Buffer.from(toBinary(get.rpc.input, new RequestReader(get, registry).read(input))),
      );
  });
});

describe('a path and a query read by compiled code', () => {
  const registry = toyRegistry({
    A: { get: '/v1/{name}/{page_count}' },
    B: { post: '/v1/{page_count}', body: 'author' },
  });
  const routes = ['A', 'B'].flatMap((name) => routesOf(toyMethod(registry, name))[0] ?? []);
  const names = [
    'name',
    'pageCount',
    'copies',
    'serial',
    'price',
    'in_print',
    'mood',
    'tags',
    'cover',
    'limit',
    'author.age',
  ];
  const texts = [
    '',
    'a',
    '7',
    '-7',
    '007',
    '-0',
    '1e2',
    ' 1',
    'true',
    'false',
    'True',
    'SAD',
    'ANGRY',
    '2',
    'a%20b',
    '%zz',
    'a+b',
    '9223372036854775808',
  ];
  const text = fc.oneof(fc.constantFrom(...texts), fc.string({ maxLength: 5 }).map(encodeURIComponent));
  const usual = [
    'name=x',
    'name=a%20b',
    'pageCount=7',
    'page_count=0',
    'copies=-9',
    'serial=18446744073709551615',
    'in_print=true',
  ];
  const more = ['inPrint=false', 'mood=SAD', 'mood=2', 'mood=0', 'tags=x', 'tags=', 'tags=c+d', 'paper=', 'screen=y'];
  const odd = fc
    .tuple(fc.constantFrom(...names, 'paper', 'weights', 'labels[a]', 'zzz', ''), text)
    .map((both) => both.join('='));
  const pair = fc.oneof({ weight: 6, arbitrary: fc.constantFrom(...usual, ...more) }, { weight: 1, arbitrary: odd });
  const number = fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom('7', '0', '-7', '2147483647') },
    { weight: 1, arbitrary: text },
  );
  const query = fc.array(
    fc.oneof({ weight: 30, arbitrary: pair }, { weight: 1, arbitrary: fc.constantFrom('', 'paper', 'tags') }),
    { maxLength: 3 },
  );
  const body = fc.constantFrom('', '{}', ' {"age":1}', '{"age":1} x', 'null', '{"firstName":"a","age":2}');

  it.each(DIALECTS)('are what reflection makes of them, or are left to it: %s', (dialect) => {
    let read = 0;
    fc.assert(
      fc.property(
        fc.constantFrom(...routes),
        fc.tuple(text, number),
        query,
        body,
        (route, [name, count], pairs, sent) => {
          const variables = route.variables.length === 2 ? [name, count] : [count];
          const input = { variables, query: pairs.join('&'), body: Buffer.from(route.body === 'none' ? '' : sent) };
          const fast = CompiledRequests.of(route, registry, { rules: REQUEST_RULES[dialect] })?.read(input);
          if (!fast) return;
          read++;
          const slow = toBinary(route.rpc.input, messageReader(route, registry, { dialect }).read(input));
          expect([input, Buffer.from(fast.bytes)]).toEqual([input, Buffer.from(slow)]);
        },
      ),
      { numRuns: RUNS * 20 },
    );
    expect(read).toBeGreaterThan(RUNS);
  });
});

function jsonOf(desc: DescMessage, registry: FileRegistry, bytes: Uint8Array): string | undefined {
  try {
    return JSON.stringify(toJson(desc, fromBinary(desc, bytes), { registry }));
  } catch {
    return undefined;
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

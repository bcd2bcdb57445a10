import { toBinary } from '@bufbuild/protobuf';
import fc from 'fast-check';
import { jsonText } from '../../test/json-text.js';
import { toyRegistry } from '../../test/toy.js';
import { RequestReader } from '../request.js';
import { routesOf } from '../route.js';
import { CompiledRequests } from './compiled-request.js';

// CODEC_RUNS=20000 npm run test:unit -- compiled-paths tries for minutes; fast-check prints the seed of what fails.
const RUNS = Number(process.env.CODEC_RUNS ?? 80);

describe('variables of nested fields and of several segments, and the mask of a PATCH,', () => {
  const books = toyRegistry({
    A: { get: '/v1/{author.first_name}/{author.mentor.age}/{name=a/**}' },
    B: { post: '/v1/{author.age}', body: '*' },
    C: { put: '/v1/{author.mood}/{page_count}/{author.first_name=b/*}', body: 'author' },
  });
  const updates = toyRegistry(
    {
      D: { patch: '/v1/{book.name=books/*}/{book.page_count}', body: 'book' },
      E: { patch: '/v1/books', body: 'book' },
    },
    'Update',
  );
  const routes = [books, updates].flatMap((registry) =>
    (registry.getService('toy.Books')?.methods ?? []).flatMap((rpc) =>
      routesOf(rpc).map((route) => ({ route, registry })),
    ),
  );
  const variable = fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom('7', '0', '1', '2') },
    { weight: 1, arbitrary: fc.constantFrom('a/b%2Fc%2fd', 'a%20b/', '', '-7', 'SAD', '%zz', '007', 'x'.repeat(200)) },
  );
  const query = fc.constantFrom(
    '',
    '',
    '',
    'dryRun=true',
    'updateMask=price',
    'author.age=1',
    'name=x',
    'tags=x&tags=y',
  );
  const usual = fc.constantFrom(
    '',
    '{}',
    '{"age":0,"mentor":{"firstName":"Ada","mentor":{}}}',
    '{"tags":["a"],"author":{"age":0,"mentor":{"mood":"SAD"}},"page_count":3}',
    '{"chapters":[{"age":1}],"name":"x","labels":{"a":1},"author":{}}',
    '{"price":1.5,"copies":"9","publishTime":"2026-01-31T12:00:00Z","author":{"first_name":"ü"},"inPrint":false}',
    `{"cover":"${'QUJD'.repeat(9_000)}","limit":"7","paper":"p"}`,
    '{"price":1} x',
    'null',
  );
  const cases = fc.constantFrom(...routes).chain(({ route, registry }) => {
    const message = typeof route.body === 'object' && route.body.message ? route.body.message : route.rpc.input;
    const body = route.body === 'none' ? fc.constant('') : fc.oneof(usual, jsonText(message));
    const variables = fc.array(variable, { minLength: 3, maxLength: 3 });
    return fc.record({ route: fc.constant(route), registry: fc.constant(registry), variables, query, body });
  });

  it('are what reflection makes of them, or are left to it', () => {
    const read = new Map<string, number>();
    fc.assert(
      fc.property(cases, ({ route, registry, variables, query, body }) => {
        const input = { variables: variables.slice(0, route.variables.length), query, body: Buffer.from(body) };
        const fast = CompiledRequests.of(route, registry, undefined)?.read(input);
        if (!fast) return;
        read.set(route.rpc.name, (read.get(route.rpc.name) ?? 0) + 1);
        const slow = toBinary(route.rpc.input, new RequestReader(route, registry).read(input));
        expect([input, Buffer.from(fast.bytes).toString('hex')]).toEqual([input, Buffer.from(slow).toString('hex')]);
      }),
      { numRuns: RUNS * 20 },
    );
    // Some 17 of 1,600 for the one that is read least.
    expect(new Set(read.keys())).toEqual(new Set(routes.map(({ route }) => route.rpc.name)));
  });
});

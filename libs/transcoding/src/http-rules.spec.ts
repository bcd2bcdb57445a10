import type { FileRegistry } from '@bufbuild/protobuf';
import { HTTP_RULES, RULES_AT_LOAD } from '../test/http-rules.js';
import { compileLetters, Letters, rpcsOf } from '../test/letters.js';
import { Router, routesOf } from './index.js';

let registry: FileRegistry;
beforeAll(() => {
  registry = compileLetters();
}, 30_000);

describe.each(['strict', 'google'] as const)('by the rules of http.proto, in the dialect %s,', (dialect) => {
  let letters: Letters;
  beforeAll(() => {
    letters = new Letters(registry, dialect);
  });

  describe.each(Object.entries(HTTP_RULES))('%s', (_rule, cases) => {
    it.each(cases)('%s %s', (request, body, outcome) => {
      const wanted = typeof outcome === 'object' && 'strict' in outcome ? outcome[dialect] : outcome;
      expect(letters.send(request, body)).toEqual(wanted);
    });
  });

  it('a response body is the field alone, also a repeated one', () => {
    expect(letters.answer('GET /text', { text: 'Hi' })).toBe('Hi');
    expect(letters.answer('GET /seals', { seals: [{ color: 'red' }], text: 'Hi' })).toMatchObject([{ color: 'red' }]);
    expect(letters.answer('GET /get/1', { text: 'Hi' })).toMatchObject({ text: 'Hi' });
  });
});

describe.each(Object.entries(RULES_AT_LOAD))(
  'by the rules of http.proto, before anything is served, %s',
  (_rule, cases) => {
    it.each(cases)('%s', (name, told) => {
      const rpc = rpcsOf(registry, 'Refused').find((one) => one.name === name);
      if (!rpc) throw new Error(`no RPC ${name}`);
      expect(() => routesOf(rpc)).toThrow(told);
      expect(() => routesOf(rpc)).toThrow(`letters.v1.Refused.${name}: google.api.http: `);
    });
  },
);

it('two rules for one path are refused, each by its place in its file', () => {
  const routes = rpcsOf(registry, 'Conflicting').flatMap((rpc) => routesOf(rpc));
  expect(() => new Router(routes)).toThrow(
    /^letters\.proto:\d+:3 letters\.v1\.Conflicting\.Short \(GET \/v1\/\{letter_id\}\) and letters\.proto:\d+:3 letters\.v1\.Conflicting\.Long \(GET \/v1\/\{reader_id=\*\}, additional binding 1\) claim the same path$/,
  );
});

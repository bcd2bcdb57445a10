import { libraryClient } from '../../test/library.js';

const http = { post: '/v1/books:find', body: '*' };
const policy = { preferWaitField: 'wait_seconds' };

/** The keys of a type in the source. */
function keysOf(source: string, type: string): string[] {
  const [, body = ''] = source.split(`export interface ${type} {`);
  return [...(body.split('\n}')[0] ?? '').matchAll(/^ {2}readonly (\w+)/gm)].flatMap(([, key]) => key ?? []);
}

describe('a TypeScript client', () => {
  it('leaves out of a request what the gateway takes from Prefer: a request that names it is refused', () => {
    const source = libraryClient({ Find: { input: 'Find', http, policy } });
    expect(keysOf(source, 'Find')).toEqual(['name', 'author', 'tags', 'after']);
  });

  it('keeps a field in a request that another RPC takes too, where nothing is taken from Prefer', () => {
    const other = { input: 'Find', http: { get: '/v1/books' } };
    const source = libraryClient({ Find: { input: 'Find', http, policy }, List: other });
    expect(keysOf(source, 'Find')).toContain('waitSeconds');
  });

  it('has paths as they are, also with apostrophes, and a method where a rule leaves it open', () => {
    const rule = { custom: { kind: '*', path: "/v1/o'brien/{name}" } };
    const source = libraryClient({ Find: { input: 'Find', http: rule } });
    expect(source).toContain(String.raw`{ method: 'GET', path: '/v1/o\'brien/{name}',`);
  });
});

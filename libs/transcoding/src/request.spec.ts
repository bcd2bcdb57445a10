import { fromBinary, toBinary, toJson } from '@bufbuild/protobuf';
import { DomainError } from '#libs/errors';
import { type Rule, toyMethod, toyRegistry } from '../test/toy.js';
import { createCodec, Router, resolveFieldPath, routesOf } from './index.js';

type Call = { query?: string; body?: string; path?: string; reserved?: string };

/** What reaches the RPC for a request, as canonical JSON; a refusal as [code, 'field: description', …]. */
function bind(rule: Rule, { path, query = '', body = '', reserved }: Call, input: 'Book' | 'Update' = 'Book') {
  const registry = toyRegistry({ A: rule }, input);
  const routes = routesOf(toyMethod(registry, 'A'));
  const [route] = routes;
  if (!route) throw new Error('no route');
  const match = new Router(routes).match(route.httpMethod, path ?? route.template.text);
  if (match.kind !== 'route') throw new Error(match.kind);
  const options = { reserved: reserved === undefined ? undefined : resolveFieldPath(route.rpc.input, reserved) };
  const [compiled, reflected] = [true, false].map((compiled) => {
    try {
      const http = { variables: match.variables, query, body: Buffer.from(body) };
      const request = createCodec(route, registry, { ...options, compiled }).decode(http);
      // What was decoded once more is the same: the bytes are canonical.
      expect(toBinary(route.rpc.input, fromBinary(route.rpc.input, request.bytes))).toEqual(
        Uint8Array.from(request.bytes),
      );
      return toJson(route.rpc.input, request.message(), { registry });
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      return [error.code, ...error.violations.map(({ field, description }) => `${field}: ${description}`)];
    }
  });
  expect(compiled).toEqual(reflected);
  return reflected;
}
const post = (body: string, call: Call = {}) => bind({ post: '/v1/books', body: '*' }, { body, ...call });
const get = (query: string) => bind({ get: '/v1/books' }, { query });

describe('a field that the server fills', () => {
  const refused = (field: string) => ['VALIDATION_FAILED', `${field}: is set by the server alone`];

  it.each(['{"pageCount": 3}', '{"page_count": 0}', '{"pageCount": "x"}'])('is refused in a body: %s', (body) => {
    expect(post(body, { reserved: 'page_count' })).toEqual(expect.arrayContaining(refused('pageCount')));
  });

  it('is refused in a query, also below another one', () => {
    const rule = { get: '/v1/books' };
    expect(bind(rule, { query: 'page_count=3', reserved: 'page_count' })).toEqual(refused('pageCount'));
    expect(bind(rule, { query: 'author.firstName=x', reserved: 'author.first_name' })).toEqual(
      refused('author.firstName'),
    );
  });

  it('hinders no other', () => {
    expect(post('{"name": "x", "author": {}}', { reserved: 'author.first_name' })).toMatchObject({ name: 'x' });
  });
});

describe('a body', () => {
  it('may use json names, proto names, numbers and names of enums', () => {
    expect(
      post('{"page_count": 3, "inPrint": true, "mood": "SAD", "author": {"first_name": "Ada", "mood": 1}}'),
    ).toEqual({
      pageCount: 3,
      inPrint: true,
      mood: 'SAD',
      author: { firstName: 'Ada', mood: 'HAPPY' },
    });
  });

  it('keeps 64-bit integers exact, quoted or not', () => {
    const largest = { copies: '9223372036854775807', serial: '18446744073709551615', limit: '-9223372036854775808' };
    expect(
      post('{"copies": 9223372036854775807, "serial": 18446744073709551615, "limit": -9223372036854775808}'),
    ).toEqual(largest);
    expect(post(JSON.stringify(largest))).toEqual(largest);
    for (const text of [' ', '0x10', '5 ', '+5']) {
      const told = ['VALIDATION_FAILED', 'copies: must be a whole number of 64 bits'];
      expect(post(JSON.stringify({ copies: text }))).toEqual(told);
    }
    expect(post('{"copies": 9223372036854775808}')).toEqual([
      'VALIDATION_FAILED',
      'copies: must be a whole number of 64 bits',
    ]);
    expect(post('{"name": 9223372036854775807}')).toEqual(['VALIDATION_FAILED', 'name: must be a string']);
  });

  it('takes a number that is too small for a float for the zero that it is on the wire', () => {
    expect(post('{"weight": 5e-324, "weights": [1e-46, 0.5], "load": 5e-324}')).toEqual({ weights: [0, 0.5], load: 0 });
    expect(post('{"weight": "5e-324", "price": 5e-324}')).toEqual({ price: 5e-324 });
    expect(post('{"weight": -5e-324}')).toEqual({ weight: -0 });
    expect(get('weight=5e-324&load=5e-324&weights=5e-324')).toEqual({ weights: [0], load: 0 });
  });

  it('may hold well-known types', () => {
    const book = {
      cover: '3q2+7w==',
      publishTime: '2026-01-31T12:00:00Z',
      free: { a: [1, { b: null }] },
      extra: { '@type': 'type.googleapis.com/toy.Author', firstName: 'Ada' },
      labels: { a: 1, __proto__x: 2 },
    };
    expect(post(JSON.stringify(book))).toEqual(book);
  });

  it('that is empty is an empty message', () => {
    expect(post('')).toEqual({});
  });

  it('names every unknown field and what may have been meant', () => {
    expect(
      post(
        '{"nmae": "x", "author": {"firstname": "y"}, "chapters": [{}, {"zzz": 1}], "extra": {"@type": "/toy.Author", "aeg": 1}}',
      ),
    ).toEqual([
      'UNKNOWN_FIELD',
      'nmae: is not known; did you mean "name"?',
      'author.firstname: is not known; did you mean "firstName"?',
      'chapters[1].zzz: is not known',
      'extra.aeg: is not known; did you mean "age"?',
    ]);
  });

  it('names every value of a wrong type by its path', () => {
    const body = {
      pageCount: 1.5,
      inPrint: 'yes',
      mood: 'ANGRY',
      tags: ['a', 1],
      author: { age: 'old', mentor: { age: [] } },
      chapters: { a: 1 },
      labels: { a: 'x' },
      cover: '%',
      publishTime: 'yesterday',
      price: true,
    };
    expect(post(JSON.stringify(body))).toEqual([
      'VALIDATION_FAILED',
      'pageCount: must be a whole number of 32 bits',
      'inPrint: must be true or false',
      'mood: must be one of MOOD_UNSPECIFIED, HAPPY, SAD',
      'tags[1]: must be a string',
      'author.age: must be a whole number of 32 bits',
      'author.mentor.age: must be a whole number of 32 bits',
      'chapters: must be a list',
      'labels[a]: must be a whole number of 32 bits',
      'cover: must be a string in base64',
      'publishTime: must be a timestamp such as "2026-01-31T12:00:00Z"',
      'price: must be a number',
    ]);
  });

  it('is told as many faults as a person reads, and whether there are more', () => {
    const names = Array.from({ length: 20_000 }, (_, index) => `"x${index}":${index}`);
    const told = post(`{${names}}`) as string[];
    expect(told).toHaveLength(102);
    expect(told.at(-1)).toBe(': and more, of which only these are told');
    const wrong = post(JSON.stringify({ tags: Array.from({ length: 20_000 }, () => 1) })) as string[];
    expect(wrong.slice(0, 2)).toEqual(['VALIDATION_FAILED', 'tags[0]: must be a string']);
    expect(wrong.at(-1)).toBe(': and more, of which only these are told');
  });

  it('names faults of messages inside, and of what is around them', () => {
    expect(post('{"chapters": [{"age": "x"}, 7]}')).toEqual([
      'VALIDATION_FAILED',
      'chapters[1]: must be an object',
      'chapters[0].age: must be a whole number of 32 bits',
    ]);
    expect(post('{"author": {"mentor": {}}, "paper": "a", "screen": "b", "chapters": [{"age": "x"}]}')).toEqual([
      'VALIDATION_FAILED',
      'chapters[0].age: must be a whole number of 32 bits',
      ': oneof set multiple times by paper and screen',
    ]);
  });

  it('cannot set two members of a oneof, nor a field by both its names', () => {
    expect(post('{"paper": "a", "screen": "b"}')).toEqual([
      'VALIDATION_FAILED',
      ': oneof set multiple times by paper and screen',
    ]);
    expect(post('{"page_count": 1, "pageCount": 2}')).toEqual([
      'VALIDATION_FAILED',
      'pageCount: is given twice, by two names',
    ]);
  });

  it.each([
    ['null', 'must be an object, not null (at byte 0 of the body)'],
    ['[]', 'must be an object, not a list (at byte 0 of the body)'],
    ['"x"', 'must be an object, not a string (at byte 0 of the body)'],
    ['{"name": "x"', 'lacks "," or "}" (at byte 12 of the body)'],
  ])('that is %s is refused', (body, description) => {
    expect(post(body)).toEqual(['MALFORMED_BODY', `: ${description}`]);
  });

  it('cannot reach the prototype', () => {
    expect(post('{"__proto__": {"name": "x"}}')).toEqual(['UNKNOWN_FIELD', '__proto__: is not known']);
    const labels = post('{"labels": {"__proto__": 7}}') as { labels: object };
    expect(Object.entries(labels.labels)).toEqual([['__proto__', 7]]);
    expect(({} as Record<string, unknown>).name).toBeUndefined();
  });

  it('excludes query parameters when it is the whole message', () => {
    expect(post('{}', { query: 'name=x' })).toEqual(['UNKNOWN_FIELD', 'name: is not known']);
  });

  it('is refused where an operation takes none', () => {
    expect(bind({ get: '/v1/books' }, { body: '{}' })).toEqual([
      'MALFORMED_BODY',
      ': must be empty: this operation takes no body (at byte 0 of the body)',
    ]);
  });
});

describe('a query', () => {
  it('reaches nested, repeated and map fields, timestamps and wrappers', () => {
    expect(
      get(
        'name=a+b%20c&author.first_name=Ada&author.mood=2&tags=x&tags=y&labels[k.1]=5&inPrint=true&publishTime=2026-01-31T12:00:00Z&limit=7&copies=9223372036854775807',
      ),
    ).toEqual({
      name: 'a b c',
      author: { firstName: 'Ada', mood: 'SAD' },
      tags: ['x', 'y'],
      labels: { 'k.1': 5 },
      inPrint: true,
      publishTime: '2026-01-31T12:00:00Z',
      limit: '7',
      copies: '9223372036854775807',
    });
  });

  it('takes one value of a repeated field', () => {
    expect(get('tags=x')).toEqual({ tags: ['x'] });
  });

  it.each([
    ['pagecount=1', ['UNKNOWN_FIELD', 'pagecount: is not known; did you mean "pageCount"?']],
    ['author.fistName=1', ['UNKNOWN_FIELD', 'author.fistName: is not known; did you mean "firstName"?']],
    ['name.first=1', ['UNKNOWN_FIELD', 'name.first: is not known']],
    ['__proto__.name=1', ['UNKNOWN_FIELD', '__proto__.name: is not known']],
    ['name=a&name=b', ['VALIDATION_FAILED', 'name: is given twice']],
    ['author=x', ['VALIDATION_FAILED', 'author: cannot be given as a query parameter']],
    ['chapters=x', ['VALIDATION_FAILED', 'chapters: cannot be given as a query parameter']],
    ['labels=x', ['VALIDATION_FAILED', 'labels: cannot be given as a query parameter']],
    ['pageCount=abc', ['VALIDATION_FAILED', 'pageCount: must be a whole number of 32 bits']],
    ['copies=%0C', ['VALIDATION_FAILED', 'copies: must be a whole number of 64 bits']],
    ['copies=0x10', ['VALIDATION_FAILED', 'copies: must be a whole number of 64 bits']],
    ['pageCount=0x10', ['VALIDATION_FAILED', 'pageCount: must be a whole number of 32 bits']],
    ['limit=%20', ['VALIDATION_FAILED', 'limit: must be a whole number of 64 bits']],
    ['pageCount=', ['VALIDATION_FAILED', 'pageCount: must be a whole number of 32 bits']],
    ['inPrint=1', ['VALIDATION_FAILED', 'inPrint: must be true or false']],
    ['name=%zz', ['VALIDATION_FAILED', 'name: has a broken percent-encoding']],
  ])('%s is refused', (query, refusal) => {
    expect(get(query)).toEqual(refusal);
  });
});

describe('a path', () => {
  it('wins over the query and over the body', () => {
    expect(bind({ get: '/v1/{name}' }, { path: '/v1/path', query: 'name=query' })).toEqual({ name: 'path' });
    expect(bind({ post: '/v1/{name}', body: '*' }, { path: '/v1/path', body: '{"name": "body"}' })).toEqual({
      name: 'path',
    });
  });

  it('is decoded after it was matched', () => {
    expect(bind({ get: '/v1/{name}' }, { path: '/v1/a%2Fb%20c+d' })).toEqual({ name: 'a/b c+d' });
    expect(bind({ get: '/v1/{name=a/**}' }, { path: '/v1/a/b%2Fc/d%20e' })).toEqual({ name: 'a/b%2Fc/d e' });
    expect(bind({ get: '/v1/{name}' }, { path: '/v1/%zz' })).toEqual([
      'VALIDATION_FAILED',
      'name: has a broken percent-encoding',
    ]);
  });

  it('fills nested fields and numbers', () => {
    expect(bind({ get: '/v1/{author.first_name}/{page_count}' }, { path: '/v1/Ada/7' })).toEqual({
      author: { firstName: 'Ada' },
      pageCount: 7,
    });
    expect(bind({ get: '/v1/{page_count}' }, { path: '/v1/seven' })).toEqual([
      'VALIDATION_FAILED',
      'pageCount: must be a whole number of 32 bits',
    ]);
  });
});

describe('a body that is one field', () => {
  const rule = { patch: '/v1/{book.name}', body: 'book' };
  const patch = (body: string, query = '') => bind(rule, { path: '/v1/x', body, query }, 'Update');

  it('leaves the other fields to the query', () => {
    expect(patch('{"pageCount": 1}', 'dryRun=true')).toMatchObject({ book: { name: 'x', pageCount: 1 }, dryRun: true });
    expect(patch('{}', 'book.pageCount=1')).toEqual(['UNKNOWN_FIELD', 'book.pageCount: is not known']);
  });

  it('fills the mask of a PATCH from its keys (AIP-134)', () => {
    expect(patch('{"page_count": 1, "author": {"age": 0, "mood": "SAD"}, "free": {"x": 1}, "tags": []}')).toMatchObject(
      {
        updateMask: 'pageCount,author.age,author.mood,free,tags',
      },
    );
    expect(patch('{"name": "other"}')).toMatchObject({ book: { name: 'x' }, updateMask: 'name' });
    expect(patch('{"pageCount": 1}', 'updateMask=price')).toMatchObject({ updateMask: 'price' });
  });

  it('must be of its type, and names its faults from the top', () => {
    expect(patch('null')).toEqual(['MALFORMED_BODY', ': must be an object, not null (at byte 0 of the body)']);
    expect(patch('{"author": {"age": "x"}}')).toEqual([
      'VALIDATION_FAILED',
      'book.author.age: must be a whole number of 32 bits',
    ]);
    expect(bind({ post: '/v1', body: 'tags' }, { body: '["a", "b"]' })).toEqual({ tags: ['a', 'b'] });
    expect(bind({ post: '/v1', body: 'name' }, { body: '7' })).toEqual(['VALIDATION_FAILED', 'name: must be a string']);
  });
});

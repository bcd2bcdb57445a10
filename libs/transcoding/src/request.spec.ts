import { bind, get, post } from '../test/bind.js';

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

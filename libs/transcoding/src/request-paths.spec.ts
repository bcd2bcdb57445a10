import { bind, get } from '../test/bind.js';

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

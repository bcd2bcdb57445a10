import { bindIn, type DialectCall } from '../../test/bind.js';
import type { Rule } from '../../test/toy.js';

/** Undefined for a refusal. */
function bind(rule: Rule, call: DialectCall): unknown {
  const bound = bindIn({ dialect: 'grpc-gateway', ...call }, rule);
  return Array.isArray(bound) ? undefined : bound;
}
const post = (body: string) => bind({ post: '/v1/books', body: '*' }, { body });
const get = (query: string) => bind({ get: '/v1/books' }, { query });
const patch = (body: string, query = '') => bind({ patch: '/v1/book', body: 'book' }, { body, query, input: 'Update' });

// What grpc-gateway does is checked against it by test/grpc-gateway; here stands what must not change unseen.
describe('a body in the grpc-gateway dialect', () => {
  it('has its first JSON value read, and is empty without one', () => {
    expect(post('{"name": "a"} {"name": "b"}')).toEqual({ name: 'a' });
    expect(post('{"name": "a"}garbage')).toEqual({ name: 'a' });
    expect(post(' \n')).toEqual({});
    expect(post('{"name": "a"')).toBeUndefined();
    expect(post('null')).toBeUndefined();
  });

  it('may have unknown names, also twice, and unknown names of enums', () => {
    expect(post('{"nobody": 1, "nobody": {"a": 1, "a": 2}, "name": "a"}')).toEqual({ name: 'a' });
    expect(post('{"mood": "FURIOUS", "author": {"mood": "FURIOUS", "age": 1}}')).toEqual({ author: { age: 1 } });
    expect(post('{"nobody": 1e400}')).toEqual({});
  });

  it.each(['{"name": "a", "name": "b"}', '{"page_count": 1, "pageCount": 1}', '{"labels": {"a": 1, "a": 1}}'])(
    'has nothing known twice: %s',
    (body) => {
      expect(post(body)).toBeUndefined();
    },
  );

  it('spells numbers, bytes and times as protojson reads them', () => {
    expect(post('{"copies": "1e2", "pageCount": "1.0", "cover": "_-8"}')).toEqual({
      copies: '100',
      pageCount: 1,
      cover: '/+8=',
    });
    expect(post('{"publishTime": "2026-01-31T5:00:00,5Z"}')).toEqual({ publishTime: '2026-01-31T05:00:00.500Z' });
    for (const wrong of ['"copies": "007"', '"copies": " 1"', '"copies": 1.5', '"cover": "A"', '"price": 1e400']) {
      expect(post(`{${wrong}}`)).toBeUndefined();
    }
    expect(post('{"publishTime": "2026-02-30T00:00:00Z"}')).toBeUndefined();
  });

  it('may have an Any without a type, of which nothing is left', () => {
    expect(post('{"extra": {"name": "a"}}')).toEqual({ extra: {} });
    expect(post('{"extra": {"@type": "x/toy.Nobody"}}')).toBeUndefined();
  });

  it('that is a field is there without a body, and null is none', () => {
    expect(patch('')).toEqual({ book: {}, updateMask: '' });
    expect(patch('null')).toBeUndefined();
  });
});

describe('the mask of a PATCH in the grpc-gateway dialect', () => {
  it('has the sorted paths of the body, below a Struct every key', () => {
    expect(
      patch('{"pageCount": 1, "author": {"first_name": "a", "mentor": {}}, "free": {"x": {"y": 1}}}'),
    ).toMatchObject({
      updateMask: 'author.firstName,author.mentor,free.x.y,pageCount',
    });
  });

  it('is that of the query where there is one, and cannot have what is unknown', () => {
    expect(patch('{"name": "a"}', 'update_mask=price')).toEqual({ book: { name: 'a' }, updateMask: 'price' });
    expect(patch('{"nobody": 1}')).toBeUndefined();
  });
});

describe('a query in the grpc-gateway dialect', () => {
  it('may have unknown parameters; what they are in is there then', () => {
    expect(get('nobody=1&name=a')).toEqual({ name: 'a' });
    expect(get('author.nobody=1')).toEqual({ author: {} });
    expect(get('name.nobody=1')).toBeUndefined();
    expect(get('chapters.age=1')).toBeUndefined();
  });

  it('spells values as strconv reads them', () => {
    expect(get('in_print=T&pageCount=%2B5&copies=007&price=.5')).toEqual({
      inPrint: true,
      pageCount: 5,
      copies: '7',
      price: 0.5,
    });
    for (const wrong of ['in_print=yes', 'pageCount=1.0', 'serial=%2B5', 'price=inf', 'price=0x1p4', 'pageCount=']) {
      expect(get(wrong)).toBeUndefined();
    }
    expect(get('mood=1')).toEqual({ mood: 'HAPPY' });
    expect(get('mood=7')).toBeUndefined();
  });

  it('gives messages by one text, or by their fields', () => {
    expect(get('publishTime.seconds=1')).toEqual({ publishTime: '1970-01-01T00:00:01Z' });
    expect(get('limit=5')).toEqual({ limit: '5' });
    expect(get('free=%7B%22a%22:1%7D')).toEqual({ free: { a: 1 } });
    expect(get('author=x')).toBeUndefined();
  });

  it('gives maps by key, or by two values', () => {
    expect(get('labels[a]=1&labels[b]=2')).toEqual({ labels: { a: 1, b: 2 } });
    expect(get('labels=a&labels=1')).toEqual({ labels: { a: 1 } });
    expect(get('labels[a]=1&labels[a]=2')).toBeUndefined();
    expect(get('name[a]=1')).toBeUndefined();
  });

  it.each(['name=a&name=b', 'pageCount=1&page_count=1', 'paper=a&screen=b', 'name=a;b', 'nobody=%zz', 'name=%ff'])(
    'is refused: %s',
    (query) => {
      expect(get(query)).toBeUndefined();
    },
  );

  it('is not looked at where the body is the whole message', () => {
    expect(bind({ post: '/v1/books', body: '*' }, { query: 'name=%zz;', body: '{}' })).toEqual({});
  });

  it('leaves alone what path and body fill', () => {
    const rule = { patch: '/v1/{book.name}', body: 'book' };
    const call = { path: '/v1/a', body: '{}', input: 'Update' } as const;
    expect(bind(rule, { ...call, query: 'book.pageCount=1&book.nobody=1&dry_run=1' })).toEqual({
      book: { name: 'a' },
      updateMask: '',
      dryRun: true,
    });
  });
});

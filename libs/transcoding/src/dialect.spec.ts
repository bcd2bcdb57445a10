import { bindIn, type DialectCall } from '../test/bind.js';
import { type Rule, toyMethod, toyRegistry } from '../test/toy.js';
import { createCodec, type Dialect, routesOf } from './index.js';

const bind = (rule: Rule, call: DialectCall) => bindIn({ dialect: 'google', ...call }, rule);
const post = (body: string, dialect: Dialect = 'google') => bind({ post: '/v1/books', body: '*' }, { body, dialect });
const get = (query: string, dialect: Dialect = 'google') => bind({ get: '/v1/books' }, { query, dialect });
const patch = (body: string, query: string, dialect: Dialect = 'google') =>
  bind({ patch: '/v1/book', body: 'book' }, { body, query, dialect, input: 'Update' });

describe('the google dialect', () => {
  it('keeps the last of equal keys, also under the two names of a field', () => {
    expect(post('{"name": "a", "pageCount": 1, "name": "b", "page_count": 2}')).toEqual({ name: 'b', pageCount: 2 });
    expect(post('{"labels": {"a": 1, "a": 2}}')).toEqual({ labels: { a: 2 } });
    expect(post('{"name": "a", "name": null}')).toEqual({});
    expect(post('{"name": "a", "name": "b"}', 'strict')).toEqual([expect.stringMatching(/has the key "name" twice/)]);
  });

  it('takes null for a body that is a field', () => {
    expect(patch('null', 'dry_run=true')).toEqual({ dryRun: true });
    expect(patch('null', 'dry_run=true', 'strict')).toEqual([expect.stringMatching(/must be an object, not null/)]);
    expect(post('null')).toEqual([expect.stringMatching(/must be an object, not null/)]);
  });

  it('leaves the mask of a PATCH to the client and the service', () => {
    expect(patch('{"name": "a"}', '')).toEqual({ book: { name: 'a' } });
    expect(patch('{"name": "a"}', 'updateMask=pageCount')).toEqual({ book: { name: 'a' }, updateMask: 'pageCount' });
    expect(patch('{"name": "a"}', '', 'strict')).toEqual({ book: { name: 'a' }, updateMask: 'name' });
  });

  it('has a parameter for each field of a message, also of one that has a text', () => {
    expect(get('publish_time.seconds=86400&publishTime.nanos=500000000')).toEqual({
      publishTime: '1970-01-02T00:00:00.500Z',
    });
    expect(get('limit.value=7&load.value=0.5')).toEqual({ limit: '7', load: 0.5 });
    expect(get('publishTime=1970-01-02T00:00:00Z')).toEqual({ publishTime: '1970-01-02T00:00:00Z' });
    expect(get('publishTime.seconds=1', 'strict')).toEqual(['publishTime.seconds: is not known']);
  });

  it.each([
    ['publishTime.seconds=x', /^publishTime: must be a timestamp/],
    ['publishTime.seconds=999999999999999', /^publishTime: must be a timestamp/],
    ['publishTime=1970-01-02T00:00:00Z&publishTime.seconds=1', /^publishTime\.seconds: is given twice/],
    ['publishTime.seconds=1&publishTime=1970-01-02T00:00:00Z', /^publishTime: is given twice/],
    ['publishTime.hours=1', /^publishTime\.hours: is not known/],
    ['limit.value=1&limit.value=2', /^limit\.value: is given twice/],
  ])('refuses parts that make no whole: %s', (query, told) => {
    expect(get(query)).toEqual([expect.stringMatching(told)]);
  });

  it('has no parameters for maps', () => {
    expect(get('labels[a]=1')).toEqual(['labels[a]: cannot be given as a query parameter']);
    expect(get('labels[a]=1', 'strict')).toEqual({ labels: { a: 1 } });
  });

  it('refuses what nobody has declared, as ProtoJSON does by default', () => {
    expect(post('{"nam": "a"}')).toEqual([expect.stringMatching(/^nam: is not known/)]);
    expect(get('nam=a')).toEqual([expect.stringMatching(/^nam: is not known/)]);
  });

  it('tells only what is set', () => {
    const registry = toyRegistry({ A: { get: '/v1/books' } });
    const [route] = routesOf(toyMethod(registry, 'A'));
    if (!route) throw new Error('no route');
    for (const compiled of [true, false]) {
      const codec = createCodec(route, registry, { dialect: 'google', compiled });
      expect(codec.encode(new Uint8Array()).json.toString()).toBe('{}');
    }
  });
});

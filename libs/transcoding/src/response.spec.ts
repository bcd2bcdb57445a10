import { fromJson, toBinary } from '@bufbuild/protobuf';
import { type Rule, toyMethod, toyRegistry } from '../test/toy.js';
import {
  type CodecOptions,
  compileTextTemplate,
  createCodec,
  DEFAULT_FORM,
  resolveFieldPath,
  routesOf,
} from './index.js';

/** Compiled and by reflection: both ways obey the same. */
const ways = [{ compiled: true }, { compiled: false }];
let options: CodecOptions = {};

function encode(json: object, rule: Rule = { get: '/v1' }) {
  const registry = toyRegistry({ A: rule });
  const [route] = routesOf(toyMethod(registry, 'A'));
  if (!route) throw new Error('no route');
  const { output } = route.rpc;
  const response = createCodec(route, registry, options).encode(
    toBinary(output, fromJson(output, { ...json }, { registry })),
  );
  return { json: JSON.parse(response.json.toString()), response, output };
}

describe.each(ways)('an answer, %j', (way) => {
  beforeEach(() => {
    options = way;
  });

  it('has every field without presence, 64-bit integers as strings', () => {
    expect(encode({ name: 'a', copies: '9223372036854775807' }).json).toEqual({
      name: 'a',
      pageCount: 0,
      copies: '9223372036854775807',
      serial: '0',
      price: 0,
      inPrint: false,
      tags: [],
      chapters: [],
      cover: '',
      labels: {},
      weight: 0,
      weights: [],
    });
  });

  it('leaves out enums that are unset, at every depth', () => {
    const author = { firstName: 'Ada', mentor: { mood: 'SAD' } };
    const { json } = encode({ author, chapters: [{}, { mood: 'HAPPY' }] });
    expect(json.author).toEqual({ firstName: 'Ada', age: 0, mentor: { firstName: '', age: 0, mood: 'SAD' } });
    expect(json.chapters).toEqual([
      { firstName: '', age: 0 },
      { firstName: '', age: 0, mood: 'HAPPY' },
    ]);
  });

  it('tells floats of single precision in their shortest form, at every depth', () => {
    const { json } = encode({ weight: 0.1, weights: [0.1, 3.4028235e38, 1e-45], load: 0.1, price: 0.1 });
    expect(json).toMatchObject({ weight: 0.1, weights: [0.1, 3.4028235e38, 1e-45], load: 0.1, price: 0.1 });
    const extra = { '@type': 'type.googleapis.com/google.protobuf.FloatValue', value: 0.1 };
    expect(encode({ extra }).json.extra).toEqual({ value: 0.1, '@type': extra['@type'] });
  });

  it('may leave out all that is not set', () => {
    options = { ...way, json: { ...DEFAULT_FORM, unpopulated: 'omitted' } };
    expect(encode({ pageCount: 0, tags: [], author: { mood: 'MOOD_UNSPECIFIED' }, name: 'a' }).json).toEqual({
      name: 'a',
      author: {},
    });
  });

  it('may tell unset messages as null and every enum, as grpc-gateway does', () => {
    options = { ...way, json: { ...DEFAULT_FORM, unpopulated: 'all' } };
    const { json } = encode({ chapters: [{}] });
    expect(json).toMatchObject({
      author: null,
      publishTime: null,
      limit: null,
      free: null,
      mood: 'MOOD_UNSPECIFIED',
      labels: {},
    });
    expect(json.chapters).toEqual([{ firstName: '', age: 0, mood: 'MOOD_UNSPECIFIED', mentor: null }]);
    expect(Object.keys(json)).not.toContain('paper');
    expect(Object.keys(json).slice(0, 9)).toEqual([
      'name',
      'pageCount',
      'copies',
      'serial',
      'price',
      'inPrint',
      'mood',
      'tags',
      'author',
    ]);
  });

  it('may have the names of the proto, and enums as numbers', () => {
    options = { ...way, json: { unpopulated: 'without-presence', names: 'proto', enums: 'numbers' } };
    const { json } = encode({ pageCount: 3, mood: 'SAD', author: { mood: 'MOOD_UNSPECIFIED' } });
    expect(json).toMatchObject({ page_count: 3, mood: 2, author: { first_name: '', age: 0 } });
    expect(json.author).not.toHaveProperty('mood');
    expect(encode({ pageCount: 3 }, { get: '/v1', responseBody: 'page_count' }).json).toBe(3);
  });

  it('may be one field of the message', () => {
    expect(encode({ tags: ['a'] }, { get: '/v1', responseBody: 'tags' }).json).toEqual(['a']);
    expect(encode({}, { get: '/v1', responseBody: 'author' }).json).toBeNull();
  });

  it('gives its fields as text for a Location', () => {
    const { response, output } = encode({ name: 'a/b', author: { age: 7, mood: 'SAD' } });
    const location = compileTextTemplate('/v1/{name}/by/{author.mood}/{author.age}?x={copies}', output);
    expect(location(response)).toBe('/v1/a%2Fb/by/SAD/7?x=0');
    expect(response.text(resolveFieldPath(output, 'name'))).toBe('a/b');
  });

  it('refuses a template over fields that it does not have', () => {
    const { output } = encode({});
    expect(() => compileTextTemplate('/v1/{id}', output)).toThrow('toy.Book has no field "id"');
    expect(() => compileTextTemplate('/v1/{author}', output)).toThrow('"author" of /v1/{author} is no scalar field');
  });
});

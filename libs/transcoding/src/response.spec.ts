import { fromJson, toBinary } from '@bufbuild/protobuf';
import { type Rule, toyMethod, toyRegistry } from '../test/toy.js';
import { compileTextTemplate, createCodec, resolveFieldPath, routesOf } from './index.js';

function encode(json: object, rule: Rule = { get: '/v1' }) {
  const registry = toyRegistry({ A: rule });
  const [route] = routesOf(toyMethod(registry, 'A'));
  if (!route) throw new Error('no route');
  const { output } = route.rpc;
  const response = createCodec(route, registry).encode(toBinary(output, fromJson(output, { ...json }, { registry })));
  return { json: JSON.parse(response.json.toString()), response, output };
}

describe('an answer', () => {
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

import { toyMethod, toyRegistry } from '../test/toy.js';
import { canGenerate, createCodec, resolveFieldPath, routesOf } from './index.js';

const registry = toyRegistry({ A: { post: '/v1/books', body: '*' } });
const [route] = routesOf(toyMethod(registry, 'A'));
if (!route) throw new Error('no route');
const input = (body: string) => ({ variables: [], query: '', body: Buffer.from(body) });

describe.each([{ compiled: true }, { compiled: false }])('a request message, %j', (options) => {
  const codec = createCodec(route, registry, options);
  const [author, age, mood] = ['author.first_name', 'author.age', 'author.mood'].map((path) =>
    resolveFieldPath(route.rpc.input, path),
  );
  if (!author || !age || !mood) throw new Error('no path');

  it('has the same bytes for the same request, in whichever order its fields were sent', () => {
    const [first, second] = [
      '{"name":"a","author":{"age":1},"pageCount":0}',
      '{"author":{"age":1,"firstName":""},"name":"a"}',
    ];
    expect(codec.decode(input(first)).bytes).toEqual(codec.decode(input(second)).bytes);
  });

  it('tells its fields as text', () => {
    const request = codec.decode(input('{"author":{"firstName":"Ada","mood":"SAD"}}'));
    expect([author, age, mood].map((path) => request.text(path))).toEqual(['Ada', '0', 'SAD']);
    const empty = codec.decode(input(''));
    expect([author, age, mood].map((path) => empty.text(path))).toEqual(['', '0', 'MOOD_UNSPECIFIED']);
  });

  it('is another one with a field set, and stays what it was', () => {
    const request = codec.decode(input('{"author":{"firstName":"Ada"}}'));
    const older = request.with(age, '36');
    expect([request.text(age), older.text(age), older.text(author)]).toEqual(['0', '36', 'Ada']);
    expect(older.isSurelyValid).toBe(false);
    expect(() => request.with(age, 'old')).toThrow('int32');
  });
});

describe('a process that may not make code', () => {
  const { Function: original } = globalThis;
  afterEach(() => {
    globalThis.Function = original;
  });

  it('is served by reflection', () => {
    expect(canGenerate()).toBe(true);
    globalThis.Function = Object.assign(() => {
      throw new EvalError('Code generation from strings disallowed for this context');
    }, original);
    expect(canGenerate()).toBe(false);
    const codec = createCodec(route, toyRegistry({ A: { post: '/v1/books', body: '*' } }));
    const { bytes } = codec.decode(input('{"name":"a"}'));
    expect(JSON.parse(codec.encode(bytes).json.toString())).toMatchObject({ name: 'a', pageCount: 0 });
  });
});

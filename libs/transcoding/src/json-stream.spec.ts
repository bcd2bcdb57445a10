import fc from 'fast-check';
import { DomainError } from '#libs/errors';
import { inStream, JsonSplitter } from './json-stream.js';

/** The values of a text that comes in pieces, each as text with where it began. */
function split(text: string, sizes: readonly number[] = [], maxBytes = 1_000): [string, number][] {
  const splitter = new JsonSplitter(maxBytes);
  const found: [string, number][] = [];
  let rest = Buffer.from(text);
  for (const size of [...sizes, rest.length]) {
    for (const { bytes, offset } of splitter.read(rest.subarray(0, size))) found.push([bytes.toString(), offset]);
    rest = rest.subarray(size);
  }
  const last = splitter.end();
  return last ? [...found, [last.bytes.toString(), last.offset]] : found;
}

describe('a stream of JSON', () => {
  it.each<[string, [string, number][]]>([
    ['', []],
    [' \r\n\t ', []],
    [
      '{"a":1}\n{"a":2}\n',
      [
        ['{"a":1}', 0],
        ['{"a":2}', 8],
      ],
    ],
    [
      '{}{"a":[{}]}[]',
      [
        ['{}', 0],
        ['{"a":[{}]}', 2],
        ['[]', 12],
      ],
    ],
    [
      '1 -2e3\ntrue null',
      [
        ['1', 0],
        ['-2e3', 2],
        ['true', 7],
        ['null', 12],
      ],
    ],
    [
      '"a""b\\"c" "\\\\"1{}',
      [
        ['"a"', 0],
        ['"b\\"c"', 3],
        ['"\\\\"', 10],
        ['1', 14],
        ['{}', 15],
      ],
    ],
    [
      '{"}":"]{\\""}{}',
      [
        ['{"}":"]{\\""}', 0],
        ['{}', 12],
      ],
    ],
    ['{\n "a": 1\n}\n', [['{\n "a": 1\n}', 0]]],
    // What is no JSON is for the reader to refuse, at its place.
    [
      '{},{}',
      [
        ['{}', 0],
        [',', 2],
        ['{}', 3],
      ],
    ],
    [
      '}{}',
      [
        ['}', 0],
        ['{}', 1],
      ],
    ],
    ['{"a":', [['{"a":', 0]]],
    ['"a', [['"a', 0]]],
  ])('%j is cut into its values', (text, values) => {
    expect(split(text)).toEqual(values);
  });

  it('is cut into the same values in whatever pieces it comes', () => {
    const separator = fc.constantFrom('\n', ' ', '\r\n', '\t\n ');
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.jsonValue(), separator)), fc.array(fc.nat(9)), (values, sizes) => {
        const texts = values.map(([value]) => JSON.stringify(value));
        const text = values.map(([, space], index) => texts[index] + space).join('');
        expect(split(text, sizes, 100_000).map(([value]) => value)).toEqual(texts);
      }),
    );
  });

  it('is refused before more than one message of the size that is allowed is held', () => {
    expect(split('{"a":"12345"} {"a":"1"}', [], 13)).toHaveLength(2);
    for (const sizes of [[], [5], [1, 1, 1, 1, 9, 1]]) {
      expect(() => split('{"a":"123456"}', sizes, 13)).toThrow('Message 0 of the stream is larger than 13 bytes.');
    }
    expect(() => split('{"a":"123456', [], 11)).toThrow('larger than 11 bytes');
  });
});

describe('what is wrong with a message of a stream', () => {
  const wrong = (field: string, metadata = {}) =>
    new DomainError('MALFORMED_BODY', {
      violations: [{ field, description: 'lacks ":" (at byte 7 of the body)', reason: 'x' }],
      metadata,
    });

  it('is told by its number and its place in the stream', () => {
    expect(inStream(wrong('', { offset: '7' }), 3, 100)).toMatchObject({
      code: 'MALFORMED_BODY',
      violations: [{ field: '[3]', description: 'lacks ":" (at byte 107 of the body)', reason: 'x' }],
      metadata: { message: '3', offset: '107' },
    });
    expect(inStream(wrong('author.age'), 0)).toMatchObject({
      violations: [{ field: '[0].author.age' }],
      metadata: { message: '0' },
    });
  });

  it('is left as it is where it is nothing for clients', () => {
    const error = new Error('x');
    expect(inStream(error, 1)).toBe(error);
  });
});

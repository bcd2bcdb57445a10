import fc from 'fast-check';
import { DomainError } from '#libs/errors';
import { type Json, parseJson } from './index.js';

const read = (text: string, maxDepth?: number) => parseJson(Buffer.from(text), { maxDepth });
/** As JSON.parse would have read it. */
const asDoubles = (value: Json): unknown =>
  JSON.parse(JSON.stringify(value, (_, item) => (typeof item === 'bigint' ? Number(item) : item)));
const fault = (text: string | Buffer, depth?: number) => {
  try {
    parseJson(Buffer.from(text), { maxDepth: depth });
  } catch (error) {
    return error instanceof DomainError ? [error.code, error.violations[0]?.description] : error;
  }
  return 'no fault';
};

describe('JSON read without loss', () => {
  it('is what JSON.parse gives, for all that JSON.stringify writes', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.integer({ min: 0, max: 3 }), (value, indent) => {
        const text = JSON.stringify(value, null, indent);
        expect(asDoubles(read(text))).toEqual(JSON.parse(text));
      }),
      { numRuns: 500 },
    );
  });

  it('accepts nothing that JSON.parse refuses', () => {
    const scraps = fc.array(fc.constantFrom(...'{}[],:"\\u0129.-+eE truefalsn\n', '"a"', '1', 'null'), {
      maxLength: 12,
    });
    fc.assert(
      fc.property(scraps, (parts) => {
        const text = parts.join('');
        let expected: unknown = 'refused';
        try {
          expected = JSON.parse(text);
        } catch {
          expect(fault(text)).toEqual(['MALFORMED_BODY', expect.any(String)]);
          return;
        }
        const [code] = [fault(text)].flat();
        if (code === 'no fault') expect(asDoubles(read(text))).toEqual(JSON.parse(JSON.stringify(expected)));
      }),
      { numRuns: 3000 },
    );
  });

  it('keeps integers exact', () => {
    expect(
      read('[9223372036854775807, -9007199254740993, 9007199254740991, 1e18, 1.5, 123456789012345678901]'),
    ).toEqual([
      9223372036854775807n,
      -9007199254740993n,
      9007199254740991,
      1000000000000000000n,
      1.5,
      123456789012345678901n,
    ]);
  });

  it('takes __proto__ as a key like any other', () => {
    const object = read('{"__proto__": {"admin": true}, "constructor": 1}');
    expect(Object.keys(object as object)).toEqual(['__proto__', 'constructor']);
    expect((object as { admin?: boolean }).admin).toBeUndefined();
  });
});

describe('malformed JSON', () => {
  it.each([
    ['{"a": 1', 'lacks "," or "}" (at byte 7 of the body)'],
    ['{"a"', 'lacks ":" (at byte 4 of the body)'],
    ['{"a":', 'ends too early (at byte 5 of the body)'],
    ['{"ä": x}', 'has no JSON value where one must be (at byte 7 of the body)'],
    ['{"a": 1, "b": {"a": 1, "\\u0061": 2}}', 'has the key "a" twice (at byte 23 of the body)'],
    ["{'a': 1}", 'lacks a key in double quotes (at byte 1 of the body)'],
    ['{"a": "x', 'ends inside a string (at byte 8 of the body)'],
    ['"a\tb"', 'has a control character in a string (at byte 2 of the body)'],
    ['"\\x"', 'has a wrong escape in a string (at byte 0 of the body)'],
    ['"\\ud800"', 'has half a surrogate pair (at byte 0 of the body)'],
    ['[1,]', 'has no JSON value where one must be (at byte 3 of the body)'],
    ['1e999', 'has a number that is out of range (at byte 0 of the body)'],
    ['01', 'has something after the JSON value (at byte 1 of the body)'],
    ['{} {}', 'has something after the JSON value (at byte 3 of the body)'],
    ['\ufeff{}', 'has no JSON value where one must be (at byte 0 of the body)'],
    ['NaN', 'has no JSON value where one must be (at byte 0 of the body)'],
  ])('is refused with its place: %s', (text, description) => {
    expect(fault(text)).toEqual(['MALFORMED_BODY', description]);
  });

  it('is refused when it is not UTF-8', () => {
    expect(fault(Buffer.from([0x22, 0xff, 0x22]))).toEqual(['MALFORMED_BODY', 'is not UTF-8 (at byte 1 of the body)']);
    const offsetOf = (...parts: (string | number[])[]): string | undefined =>
      /at byte (\d+)/.exec(String(fault(Buffer.concat(parts.map((part) => Buffer.from(part as string))))))?.[1];
    expect(offsetOf('"', [0xe2, 0x82], '"')).toBe('1');
    expect(offsetOf('"€', [0xf0, 0x9f, 0x98])).toBe('4');
    expect(offsetOf('"é', [0xa9], '"')).toBe('3');
    for (const length of [1_020, 1_021, 1_022, 1_023, 1_024, 5_000]) {
      expect(offsetOf('€'.repeat(length), 'x'.repeat(length % 3), [0xc0], 'x')).toBe(String(length * 3 + (length % 3)));
    }
  });

  it('is refused beyond the allowed depth, however deep', () => {
    expect(fault('[[[1]]]', 3)).toBe('no fault');
    expect(fault('[[[[1]]]]', 3)).toEqual(['MALFORMED_BODY', 'is nested deeper than 3 levels (at byte 3 of the body)']);
    expect(fault('['.repeat(1_000_000))).toEqual([
      'MALFORMED_BODY',
      'is nested deeper than 100 levels (at byte 100 of the body)',
    ]);
  });
});

import { parseTemplate } from './index.js';

describe('a path template', () => {
  it('is taken apart into segments, variables and a verb', () => {
    expect(parseTemplate('/v1/{name=shelves/*/books/**}:move')).toEqual({
      text: '/v1/{name=shelves/*/books/**}:move',
      segments: [
        { kind: 'literal', text: 'v1' },
        { kind: 'literal', text: 'shelves' },
        { kind: 'variable' },
        { kind: 'literal', text: 'books' },
        { kind: 'rest' },
      ],
      variables: [{ fieldPath: 'name', from: 1, to: undefined, multiSegment: true }],
      verb: 'move',
    });
  });

  it('takes {a} as {a=*} and tells it from a bare star', () => {
    expect(parseTemplate('/{author.name}/*').segments).toEqual([{ kind: 'variable' }, { kind: 'star' }]);
    expect(parseTemplate('/{a}').variables).toEqual([{ fieldPath: 'a', from: 0, to: 1, multiSegment: false }]);
  });

  it('takes dots and dashes as literals', () => {
    expect(parseTemplate('/.well-known/jwks.json').segments).toEqual([
      { kind: 'literal', text: '.well-known' },
      { kind: 'literal', text: 'jwks.json' },
    ]);
  });

  it('takes every character that may stand in a path as a literal, and encodes the others', () => {
    const pchar = "azAZ09-._~!$&'()+,;=:@";
    expect(parseTemplate(`/${pchar}/x`).segments[0]).toEqual({ kind: 'literal', text: pchar });
    expect(parseTemplate('/a b/ü?#%2f/x').segments.slice(0, 2)).toEqual([
      { kind: 'literal', text: 'a%20b' },
      { kind: 'literal', text: '%C3%BC%3F%23%2F' },
    ]);
  });

  it('takes a verb after the last colon, and other colons and equals signs as literals', () => {
    expect(parseTemplate('/v1/a:b/c:d:e')).toMatchObject({
      segments: [
        { kind: 'literal', text: 'v1' },
        { kind: 'literal', text: 'a:b' },
        { kind: 'literal', text: 'c:d' },
      ],
      verb: 'e',
    });
    expect(parseTemplate('/{a=x:y=z/**}:go')).toMatchObject({
      segments: [{ kind: 'literal', text: 'x:y=z' }, { kind: 'rest' }],
      variables: [{ fieldPath: 'a', from: 0, to: undefined }],
      verb: 'go',
    });
    expect(parseTemplate('/{a=x:y}').verb).toBeUndefined();
  });

  it.each([
    ['v1/books', 'must start with "/"'],
    ['/v1//books', '"" is no segment'],
    ['/v1/books/', '"" is no segment'],
    ['/', '"" is no segment'],
    ['/v1/**/books', '"**" must be the last segment'],
    ['/v1/{a', '"{a" is no variable'],
    ['/v1/{a b}', '"{a b}" is no variable'],
    ['/v1/x*', '"x*" is no segment'],
    ['/v1/x}', '"x}" is no segment'],
    ['/v1/***', '"***" is no segment'],
    ['/v1/x{a}', '"x{a}" is no segment'],
    ['/v1/{a}x', '"{a}x" is no variable'],
    ['/v1/{a=}', '"" is no segment'],
    ['/v1/{a=/x}', '"" is no segment'],
    ['/v1/{=x}', '"{=x}" is no variable'],
    ['/v1/{a.}', '"{a.}" is no variable'],
    ['/v1/{1a}', '"{1a}" is no variable'],
    ['/v1/{a=x/{b}/y}', '"{a=x/{b}/y}": a variable holds no other variable'],
    ['/v1/{a=**}/books', '"**" must be the last segment'],
    ['/v1/{a=**/x}', '"**" must be the last segment'],
    ['/v1/a:', 'the verb after ":" is empty'],
    ['/v1/:a', '"" is no segment'],
    ['/v1/a:*', '"*" is no segment'],
    ['/v1/%zz', '"%zz" has a broken percent-encoding'],
    ['/v1/a:%', '"%" has a broken percent-encoding'],
    ['/v1/../a', '".." never arrives: clients resolve it before they send a path'],
  ])('refuses %s', (text, problem) => {
    expect(() => parseTemplate(text)).toThrow(`path template "${text}": ${problem}`);
  });
});

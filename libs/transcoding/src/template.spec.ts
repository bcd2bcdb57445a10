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

  it.each([
    ['v1/books', 'must start with "/"'],
    ['/v1//books', '"" is no segment'],
    ['/v1/books/', '"" is no segment'],
    ['/', '"" is no segment'],
    ['/v1/**/books', '"**" must be the last segment'],
    ['/v1/{a}/{a}', '"a" is bound twice'],
    ['/v1/{a', '"{a" is no variable'],
    ['/v1/{a b}', '"{a b}" is no variable'],
    ['/v1/x*', '"x*" is no segment'],
  ])('refuses %s', (text, problem) => {
    expect(() => parseTemplate(text)).toThrow(`path template "${text}": ${problem}`);
  });
});

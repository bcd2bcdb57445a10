import fc from 'fast-check';
import type { Comparator, FilterNode } from './node.js';
import { parseFilter } from './parse.js';

type Plain = readonly ['and' | 'or', ...Plain[]] | readonly ['not', Plain] | string;

/** Without positions. */
function plain(node: FilterNode | undefined): Plain | undefined {
  if (!node) return undefined;
  if (node.kind === 'compare') {
    const { text, quoted } = node.value;
    return `${node.field} ${node.comparator} ${quoted ? JSON.stringify(text) : text}`;
  }
  if (node.kind === 'not') return ['not', plain(node.part) ?? ''];
  return [node.kind, ...node.parts.map((part) => plain(part) ?? '')];
}
const read = (text: string) => plain(parseFilter(text));
const mistake = (text: string): string => {
  try {
    parseFilter(text);
  } catch (error) {
    const [violation] = (error as { violations: { field: string; description: string }[] }).violations;
    return `${violation?.field} ${violation?.description}`;
  }
  throw new Error(`${text} was taken`);
};

describe('a filter', () => {
  it('is nothing where it is empty', () => {
    expect([read(''), read(' \t')]).toEqual([undefined, undefined]);
  });

  it('compares a field with a value, with or without spaces', () => {
    expect(read('price.minorUnits>=-5')).toBe('price.minorUnits >= -5');
    expect(read(' title = "a \\"b\\" c" ')).toBe('title = "a \\"b\\" c"');
    expect(read("title != 'it\\'s'")).toBe('title != "it\'s"');
    expect(read('tags:coffee')).toBe('tags : coffee');
    expect(read('createTime < 2026-01-02T03:04:05.678+02:00')).toBe('createTime < 2026-01-02T03:04:05.678+02:00');
  });

  it('binds OR closer than AND, and both looser than NOT, as AIP-160 has it', () => {
    expect(read('a=1 AND b=2 OR c=3')).toEqual(['and', 'a = 1', ['or', 'b = 2', 'c = 3']]);
    expect(read('NOT a=1 OR -b=2')).toEqual(['or', ['not', 'a = 1'], ['not', 'b = 2']]);
    expect(read('(a=1 AND b=2) OR c=3')).toEqual(['or', ['and', 'a = 1', 'b = 2'], 'c = 3']);
    expect(read('-(a=1 b=2)')).toEqual(['not', ['and', 'a = 1', 'b = 2']]);
  });

  it('takes a space between comparisons as AND', () => {
    expect(read('a=1 b=2 AND c=3')).toEqual(read('a=1 AND b=2 AND c=3'));
  });

  it.each([
    ['a', 'a comparison such as = after a is expected, not the end', 2],
    ['a =', 'a value is expected, not the end', 4],
    ['a = AND', 'a value is expected, not "AND"', 5],
    ['= 1', 'a field is expected, not "="', 1],
    ['"a" = 1', 'a field is expected, not "a"', 1],
    ['(a = 1', 'a closing bracket is expected, not the end', 7],
    ['a = 1)', 'AND, OR or the end is expected, not )', 6],
    ['a = 1 AND', 'a field is expected, not the end', 10],
    ['a = 1 OR OR b = 2', 'a field is expected, not "OR"', 10],
    ['a = "x', 'the quote " is not closed', 5],
    ['a = 1 ; b = 2', '; cannot stand here', 7],
    ['a = 😀', '😀 cannot stand here', 5],
    ['regex(a)', 'functions such as regex are not supported', 1],
    [`${'('.repeat(30)}a=1${')'.repeat(30)}`, 'nested deeper than 16 levels', 18],
    [`${'-'.repeat(30)}a=1`, 'nested deeper than 16 levels', 18],
    [`${'a=1 '.repeat(60)}`, 'more than 50 comparisons', 201],
    ['x'.repeat(2001), 'a filter has at most 2000 characters', 2001],
  ])('says what is wrong with %s, and where', (text, description, at) => {
    expect(mistake(text)).toBe(`filter at character ${at}: ${description}`);
  });

  it('is taken or refused, whatever the text', () => {
    const pieces = fc.constantFrom('a', '=', ':', '<=', '(', ')', '-', 'AND', 'OR', 'NOT', '"b"', '1', ' ', '"', '\\');
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'binary' }),
          fc.array(pieces).map((all) => all.join(' ')),
        ),
        (text) => {
          try {
            parseFilter(text);
          } catch (error) {
            expect(error).toHaveProperty('code', 'VALIDATION_FAILED');
          }
        },
      ),
      { numRuns: 2000 },
    );
  });

  it('reads back whatever was written from a tree', () => {
    fc.assert(fc.property(trees(), (tree) => expect(plain(parseFilter(write(tree)))).toEqual(plain(tree))));
  });
});

/** Small trees of comparisons. */
function trees(): fc.Arbitrary<FilterNode> {
  const comparator = fc.constantFrom<Comparator>('=', '!=', '<', '<=', '>', '>=', ':');
  const compare = fc
    .record({
      field: fc.constantFrom('a', 'b.c', 'd_1'),
      comparator,
      text: fc.string({ unit: 'grapheme', maxLength: 8 }),
    })
    .map(({ field, comparator, text }): FilterNode => {
      return { kind: 'compare', field, comparator, value: { text, quoted: true, at: 0 }, at: 0 };
    });
  const { tree } = fc.letrec<{ tree: FilterNode }>((tie) => ({
    tree: fc.oneof(
      { maxDepth: 4, withCrossShrink: true },
      compare,
      tie('tree').map((part): FilterNode => ({ kind: 'not', part })),
      fc
        .tuple(fc.constantFrom('and' as const, 'or' as const), fc.array(tie('tree'), { minLength: 2, maxLength: 3 }))
        .map(([kind, parts]): FilterNode => ({ kind, parts })),
    ),
  }));
  return tree.filter((one) => comparisonsIn(one) <= 20);
}

const comparisonsIn = (tree: FilterNode): number =>
  tree.kind === 'compare'
    ? 1
    : [...('part' in tree ? [tree.part] : tree.parts)].reduce((n, t) => n + comparisonsIn(t), 0);

const write = (tree: FilterNode): string => {
  if (tree.kind === 'compare') return `${tree.field}${tree.comparator}"${tree.value.text.replace(/["\\]/g, '\\$&')}"`;
  if (tree.kind === 'not') return `NOT (${write(tree.part)})`;
  return tree.parts.map((part) => `(${write(part)})`).join(tree.kind === 'and' ? ' AND ' : ' OR ');
};

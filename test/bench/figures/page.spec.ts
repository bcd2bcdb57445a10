import { readFileSync } from 'node:fs';
import { withSection } from './page.js';

const PAGE =
  'Before.\n\n<!-- rounds:begin -->\n\nold\n\n<!-- rounds:end -->\n\nBetween.\n\n<!-- idle:begin -->\n<!-- idle:end -->\nAfter.\n';

describe('the page of benchmarks', () => {
  it('has one part replaced, and keeps all else', () => {
    expect(withSection(PAGE, 'rounds', '\nnew $& $1\n')).toBe(PAGE.replace('old', () => 'new $& $1'));
    expect(withSection(withSection(PAGE, 'idle', 'still'), 'rounds', 'old')).toBe(
      PAGE.replace('<!-- idle:begin -->\n', '<!-- idle:begin -->\n\nstill\n\n'),
    );
  });

  it('is refused where it has no place for the part', () => {
    expect(() => withSection('Nothing.', 'rounds', 'new')).toThrow('<!-- rounds:begin -->');
  });

  it.each(['rounds', 'idle'] as const)('has a place for %s', (section) => {
    expect(withSection(readFileSync('docs/benchmarks.md', 'utf8'), section, 'found')).toContain('\n\nfound\n\n');
  });
});

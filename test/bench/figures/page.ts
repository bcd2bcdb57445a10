/** The parts of docs/benchmarks.md that are written by the benchmark. */
export type Section = 'rounds' | 'idle';

/** The page with this part replaced; the words around it are people's. @throws when the page has no such part */
export function withSection(page: string, section: Section, text: string): string {
  const [begin, end] = [`<!-- ${section}:begin -->`, `<!-- ${section}:end -->`];
  const from = page.indexOf(begin);
  const to = page.indexOf(end);
  if (from < 0 || to < from) throw new Error(`the page has no ${begin} … ${end}`);
  return `${page.slice(0, from + begin.length)}\n\n${text.trim()}\n\n${page.slice(to)}`;
}

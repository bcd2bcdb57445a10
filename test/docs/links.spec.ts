import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { documentationPages } from './pages.js';

/** Headings as GitHub turns them into anchors. */
function anchors(page: string): string[] {
  return [...readFileSync(page, 'utf8').matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replace(/ /g, '-'),
  );
}

function deadLinks(page: string): string[] {
  const text = readFileSync(page, 'utf8').replace(/```[\s\S]*?```/g, '');
  return [...text.matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target = '']) => target)
    .filter((target) => !/^(https?:|mailto:)/.test(target))
    .filter((target) => {
      const [path = '', anchor] = target.split('#');
      const file = path === '' ? page : join(dirname(page), path);
      return !existsSync(file) || (anchor !== undefined && file.endsWith('.md') && !anchors(file).includes(anchor));
    });
}

it.each(documentationPages())('%s has no dead link', (page) => {
  expect(deadLinks(page)).toEqual([]);
});

it('the threat model names tests that exist', () => {
  const rows = readFileSync('docs/threat-model.md', 'utf8').match(/^\| \d+ .*$/gm) ?? [];
  const named = rows.flatMap((row) =>
    [...(row.split('|').at(-2) ?? '').matchAll(/`([^`]+)`/g)].map(([, path = '']) => path),
  );
  expect(named.length).toBeGreaterThan(20);
  expect(named.filter((path) => !existsSync(path))).toEqual([]);
});

import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createLogger } from '#libs/service';
import { documentationPages } from './pages.js';

const pages = documentationPages();
const read = (page: string) => readFileSync(page, 'utf8');
const { scripts } = JSON.parse(read('package.json'));
const compose = read('docker-compose.yml');

/** What is written as code: in fences, and between backticks. */
function codeIn(page: string): string {
  const text = read(page);
  const fences = [...text.matchAll(/```\w*\n([\s\S]*?)```/g)].map(([, code = '']) => code);
  const words = [...text.replace(/```[\s\S]*?```/g, '').matchAll(/`([^`\n]+)`/g)].map(([, code = '']) => code);
  return [...fences, ...words].join('\n');
}

const found = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].map(([, first = '']) => first);

const scriptsIn = (code: string) => found(code, /\bnpm run (?:-s )?([\w:-]+)/g);
const filesIn = (code: string) =>
  found(code, /(?<![\w./-])((?:apps|libs|test|deploy|scripts|proto|requests)\/[\w@./-]*\w)/g);
const builtIn = (code: string) => found(code, /(?<![\w./-])dist\/([\w./-]+)\.js/g);
const servicesIn = (code: string) =>
  found(code, /docker compose (?:start|stop|restart|exec|logs|up)(?: -\S+(?:[ =]\d+m?)?)* ([a-z]\w*(?:-\w+)*)/g);

describe.each(pages)('the commands of %s', (page) => {
  const code = codeIn(page);

  it('are scripts of package.json', () => {
    expect(scriptsIn(code).filter((name) => !(name in scripts))).toEqual([]);
  });

  it('name files that exist', () => {
    const places = ['.', dirname(page)];
    expect(filesIn(code).filter((file) => !places.some((place) => existsSync(join(place, file))))).toEqual([]);
    expect(builtIn(code).filter((file) => !existsSync(`${file}.ts`))).toEqual([]);
  });

  it('start, stop and ask services that docker-compose.yml has', () => {
    expect(servicesIn(code).filter((name) => !compose.includes(`\n  ${name}:\n`))).toEqual([]);
  });
});

it('commands are found in the pages', () => {
  const all = pages.map(codeIn).join('\n');
  const counts = [scriptsIn, filesIn, builtIn, servicesIn].map((of) => new Set(of(all)).size);
  expect(counts.filter((count) => count < 4)).toEqual([]);
});

it('the runbook looks for errors in logs by what the apps write there', async () => {
  const lines: string[] = [];
  const destination = { write: (line: string) => lines.push(line) };
  const log = await createLogger({ name: 'orders', level: 'info', format: 'json', destination });
  log.error({}, 'something');
  const [pattern] = found(read('docs/runbook.md'), /grep '("level"[^']+)'/g);
  expect(lines.join('')).toContain(pattern);
});

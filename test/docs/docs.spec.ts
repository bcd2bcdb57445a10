import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { toMermaid } from '#libs/saga';
import { placeOrderSaga } from '../../apps/orders/src/place-order/place-order.saga.js';
import { configurationPage } from './configuration-page.js';
import { errorsPage } from './errors-page.js';

if (process.env.UPDATE_DOCS) {
  writeFileSync('docs/configuration.md', configurationPage());
  writeFileSync('docs/errors.md', errorsPage());
  const saga = `<!-- saga:begin -->\n${sagaDrawing()}\n<!-- saga:end -->`;
  writeFileSync(
    'README.md',
    readFileSync('README.md', 'utf8').replace(/<!-- saga:begin -->.*<!-- saga:end -->/s, saga),
  );
}

function sagaDrawing(): string {
  return `\`\`\`mermaid\n${toMermaid(placeOrderSaga).trim()}\n\`\`\``;
}

const read = (file: string) => readFileSync(file, 'utf8');

describe('the documentation', () => {
  it.each([
    'README.md',
    'docs/tour.md',
    'docs/api.md',
    'docs/adr/README.md',
    'docs/configuration.md',
    'docs/operator.md',
  ])('names only files that exist: %s', (page) => {
    const links = [...read(page).matchAll(/\]\(([^)#:]+)(#[^)]*)?\)/g)].map((match) => String(match[1]));
    expect(links.filter((link) => !existsSync(join(dirname(page), link)))).toEqual([]);
  });

  it('shows the saga in the README as the table has it', () => {
    const drawn = read('README.md').split('<!-- saga:begin -->')[1]?.split('<!-- saga:end -->')[0]?.trim();
    expect(drawn).toBe(sagaDrawing());
  });

  it('names every app and every lib in the map of the README', () => {
    const map = read('README.md').split('## The map')[1]?.split('\n## ')[0] ?? '';
    const folders = ['apps', 'libs'].flatMap((folder) => readdirSync(folder));
    expect(folders.filter((name) => !new RegExp(`\\b${name}\\b`).test(map))).toEqual([]);
  });

  it('lists every variable as the apps read it', () => {
    expect(read('docs/configuration.md')).toBe(configurationPage());
  });

  it('lists every error as the table has it', () => {
    expect(read('docs/errors.md')).toBe(errorsPage());
  });

  it('leads a newcomer to the two commands within the first twenty lines', () => {
    const top = read('README.md').split('\n').slice(0, 20).join('\n');
    expect(top).toContain('npm start');
    expect(top).toContain('npm run demo');
  });
});

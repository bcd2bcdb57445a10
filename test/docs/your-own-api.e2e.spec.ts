import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { freePort } from '#libs/embedded';
import { testFolder } from '#libs/testing';
import { PageSession } from './page-session.js';

interface Block {
  readonly language: string;
  /** A file's name, or "terminal". */
  readonly label: string;
  readonly text: string;
}

/** The ports that the page names may be taken on this machine. */
const PORTS = ['8080', '9100', '50051'];

describe('docs/your-own-api.md', () => {
  let session: PageSession;
  afterAll(() => session?.close());

  it('works word by word in a fresh clone', async () => {
    const blocks = blocksOf(await withFreePorts(readFileSync('docs/your-own-api.md', 'utf8')));
    const folder = await freshFolder();
    const { npm_lifecycle_event: _, INIT_CWD: __, ...env } = process.env;
    session = new PageSession(folder, { ...env, LOG_LEVEL: 'info' });
    for (const [index, { language, label, text }] of blocks.entries()) {
      const next = blocks[index + 1];
      const expected = next && next.language === 'text' ? next.text : undefined;
      if (language !== 'sh' && label !== '') write(join(folder, label), text);
      if (language !== 'sh') continue;
      if (label === 'terminal') {
        await session.open(text, expected?.trim() ?? '');
        continue;
      }
      const { code, output } = await session.run(patiently(text));
      expect({ block: text, code, output }).toMatchObject({ code: 0 });
      if (expected !== undefined) expect(output).toMatch(patternOf(expected));
    }
    expect(blocks.filter(({ language }) => language === 'sh').length).toBeGreaterThan(10);
  }, 600_000);
});

/** What a reader waits for takes longer where many tests run at once. */
const patiently = (script: string) => script.replace('sleep 3', 'sleep 15').replace('-m 2', '-m 15');

function blocksOf(page: string): Block[] {
  return [...page.matchAll(/^```(\w+)(?: (\S+))?\n(.*?)^```$/gms)].map(([, language = '', label = '', text = '']) => ({
    language,
    label,
    text,
  }));
}

/** The whole output, where `…` stands for anything. */
function patternOf(expected: string): RegExp {
  const parts = expected.trim().split('…');
  return new RegExp(`^\\s*${parts.map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('.*')}\\s*$`, 's');
}

async function withFreePorts(page: string): Promise<string> {
  let text = page;
  for (const port of PORTS) text = text.replaceAll(new RegExp(`\\b${port}\\b`, 'g'), String(await freePort()));
  return text;
}

/** What a clone holds, with its packages installed and its apps built: links to ours. */
async function freshFolder(): Promise<string> {
  const folder = await testFolder();
  const own = new Set(['.git', '.run', 'my-api']);
  for (const name of readdirSync('.')) if (!own.has(name)) symlinkSync(resolve(name), join(folder, name));
  return folder;
}

function write(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}

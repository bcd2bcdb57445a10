import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '#libs/testing';
import { LogTail } from './log-tail.js';

describe('the tail of a log', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ineedthatfast-tail-'));
  const file = join(folder, 'orders.log');
  const warning = (msg: string) => `${JSON.stringify({ level: 'warn', msg })}\n`;

  afterAll(() => rmSync(folder, { recursive: true }));

  it('tells each warning once, also one that was written in two parts, and says when there are too many', async () => {
    const told: string[] = [];
    const tail = new LogTail({ app: 'orders', file, say: (line) => told.push(line) });
    const line = warning('in two parts');
    appendFileSync(file, line.slice(0, 10));
    appendFileSync(file, line.slice(10));
    await until(() => told.length === 1, { what: 'the first warning' });
    appendFileSync(
      file,
      warning('again').repeat(3) + Array.from({ length: 20 }, (_, n) => warning(`number ${n}`)).join(''),
    );
    tail.close();
    expect(told.slice(0, 3)).toEqual([
      'orders | WARN  in two parts',
      'orders | WARN  again  (3 times)',
      'orders | WARN  number 0',
    ]);
    expect(told).toHaveLength(1 + 8 + 1);
    expect(told.at(-1)).toBe(`orders | … and 13 more lines in ${file}`);
  });
});

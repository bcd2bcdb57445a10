import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { StoreFolder } from './store-folder.js';

describe('the folder of a store', () => {
  const root = mkdtempSync(join(tmpdir(), 'ineedthatfast-folder-'));
  const folder = new StoreFolder(join(root, '.run'));
  const mode = (path: string) => (statSync(path).mode & 0o777).toString(8);

  afterAll(() => rmSync(root, { recursive: true }));

  it('is for its owner only, and so is every file with a password', () => {
    folder.create();
    folder.secrets(['orders']);
    expect(mode(folder.path)).toBe('700');
    expect(mode(join(folder.path, 'secrets.json'))).toBe('600');
  });

  it('keeps its passwords from start to start, and adds those of new roles', () => {
    const { orders } = folder.secrets(['orders']);
    const later = folder.secrets(['orders', 'returns']);
    expect(later.orders).toBe(orders);
    expect(later.returns).not.toBe(orders);
    expect(orders).toMatch(/^[0-9a-f]{32}$/);
  });

  it('clears what a store wrote and nothing else', () => {
    writeFileSync(folder.logFile('orders'), '');
    writeFileSync(join(folder.path, 'notes.txt'), 'mine');
    folder.clear();
    expect(existsSync(folder.logFile('orders'))).toBe(false);
    expect(existsSync(join(folder.path, 'secrets.json'))).toBe(false);
    expect(existsSync(join(folder.path, 'notes.txt'))).toBe(true);
  });
});

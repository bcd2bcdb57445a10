import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Shop } from '../e2e/shop.js';
import { ComposedOrders } from './composed-orders.js';
import { ComposedStore } from './composed-store.js';

const run = promisify(execFile);
/** In the order in which they are brought up to now: docs/runbook.md, "Back up and restore". */
const SERVICES = ['inventory', 'payments', 'orders'];

describe('the databases of the composed store', () => {
  let store: ComposedStore;
  let folder: string;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'composed-backups-'));
    store = await ComposedStore.start({ layers: ['recover'] });
  }, 900_000);

  afterAll(async () => {
    await store?.clear();
    rmSync(folder, { recursive: true, force: true });
  }, 180_000);

  it('are brought back from dumps of different moments, by the steps of the runbook', async () => {
    const orders = await ComposedOrders.begin(new Shop(store.gatewayUrl));
    // Of 160 orders, about 80 when orders is backed up, more for each of the others.
    const load = await orders.place(160, async () => {
      for (const service of [...SERVICES].reverse()) await script('backup', '--to', folder, '--service', service);
    });
    await orders.ended(load, 60);

    await expect(script('restore', '--from', folder, '--service', 'orders')).rejects.toThrow('stop it first');
    await store.compose(['stop', 'gateway', ...SERVICES]);
    await script('restore', '--from', folder, '--service', SERVICES.join(','));
    for (const service of SERVICES) {
      const recover = ['run', '--rm', '--no-TTY', `recover-${service}`, '--since', momentOf(service)];
      expect(await store.compose(recover, 180_000)).toContain(`done: start ${service}`);
    }
    await store.compose(['start', ...SERVICES, 'gateway'], 180_000);
    await store.untilWell();

    await orders.ended(load, 60);
    expect(await store.violations(120)).toEqual([]);
  }, 900_000);

  const script = (name: string, ...args: string[]) =>
    run(process.execPath, [`deploy/backup/${name}.mjs`, ...args, '--compose', '--project', store.project]);

  const momentOf = (service: string): string =>
    JSON.parse(readFileSync(join(folder, `${service}.json`), 'utf8')).moment;
});

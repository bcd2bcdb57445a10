import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { identify } from '#libs/embedded';
import { type RunningStore, runStore, type StackDescription, testFolder, until } from '#libs/testing';

describe('the launcher', () => {
  let folder: string;
  let store: RunningStore;
  let stack: StackDescription;

  beforeAll(async () => {
    folder = join(await testFolder(), 'store');
    store = runStore(folder);
    stack = await store.ready();
  }, 300_000);

  afterAll(() => store.stop(), 120_000);

  const readyz = async (ops: string) => (await fetch(`${ops}/readyz`).catch(() => undefined))?.status;
  const launcher = (...args: string[]) =>
    promisify(execFile)(process.execPath, ['dist/apps/launcher/src/main.js', ...args], {
      env: { ...process.env, STORE_DIR: folder, STORE_PORT_OFFSET: 'any' },
    });

  it('says ready when every app says so', async () => {
    const answers = Object.values(stack.apps).map(({ ops }) => readyz(ops));
    expect(await Promise.all(answers)).toEqual([200, 200, 200, 200, 200]);
    expect(Object.keys(stack.apps).sort()).toEqual(['gateway', 'inventory', 'orders', 'payments', 'users']);
  });

  it('refuses a second launcher and a reset of a store that runs, naming the process', async () => {
    const refusal = { stderr: expect.stringContaining(`its launcher is process ${stack.launcher.pid}`), code: 1 };
    await expect(launcher('start')).rejects.toMatchObject(refusal);
    await expect(launcher('reset')).rejects.toMatchObject(refusal);
  });

  it('starts an app again that was killed, and writes its new process id', async () => {
    const before = stack.apps.inventory?.pid ?? 0;
    process.kill(before, 'SIGKILL');
    const after = await until(
      async () => {
        const { inventory } = (await store.stack()).apps;
        return inventory?.pid !== before && inventory?.pid;
      },
      { what: 'inventory to be started again' },
    );
    expect(after).not.toBe(before);
    await until(async () => (await readyz(stack.apps.inventory?.ops ?? '')) === 200, {
      timeout: 60_000,
      what: 'inventory to be ready again',
    });
  });

  it('leaves a part down that an operator stopped, and takes it up again', async () => {
    await store.operate('stop', 'users');
    expect(await readyz(stack.apps.users?.ops ?? '')).toBeUndefined();
    expect(await store.operate('status')).toMatch(/^users +stopped/m);
    await store.operate('start', 'users');
    await until(async () => (await readyz(stack.apps.users?.ops ?? '')) === 200, { timeout: 60_000, what: 'users' });
  });

  it('recovers from a kill of its own: the next one ends the orphans and keeps the data', async () => {
    const orphans = Object.values((await store.stack()).apps).map(({ pid = 0 }) => pid);
    process.kill(stack.launcher.pid, 'SIGKILL');
    store = runStore(folder);
    const next = await until(async () => (await store.ready()).launcher.pid !== stack.launcher.pid && store.ready(), {
      timeout: 200_000,
      what: 'the next launcher',
    });
    expect(orphans.map(identify)).toEqual(orphans.map(() => undefined));
    const products = await (await fetch(`${next.gateway.url}/v1/products`)).json();
    expect(products).toMatchObject({ products: expect.arrayContaining([expect.objectContaining({ available: 3 })]) });
  }, 300_000);
});

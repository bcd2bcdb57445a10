import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { identify } from '#libs/embedded';
import { until } from './index.js';

describe('the infrastructure of a test run', () => {
  const runs: ChildProcess[] = [];

  afterAll(() => {
    for (const run of runs) run.stdin?.end();
  });

  /** An own infrastructure, as jest starts it, with a PostgreSQL. */
  async function run() {
    const child = spawn(process.execPath, ['dist/libs/testing/src/infrastructure.main.js'], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    runs.push(child);
    const [place] = await once(createInterface(child.stdout), 'line');
    const { url, token } = JSON.parse(place);
    const ask = async (path: string, bearer = token) => {
      const response = await fetch(url + path, { headers: { authorization: `Bearer ${bearer}` } });
      const connection = response.headers.get('connection');
      return { status: response.status, connection, text: await response.text() };
    };
    const folder = join(JSON.parse((await ask('/folder')).text).folder, '..');
    await ask('/postgres');
    const postgres: number = JSON.parse(readFileSync(join(folder, 'shared-postgres', 'postgres.pid.json'), 'utf8')).pid;
    return { child, ask, folder, postgres };
  }

  it('ends with its servers and files when the end of its input says that jest has ended', async () => {
    const { child, folder, postgres } = await run();
    expect(identify(postgres)).toBeDefined();
    child.kill('SIGINT'); // Ctrl-C reaches the whole group, and is not for it
    child.stdin?.end();
    await once(child, 'exit');
    expect(identify(postgres)).toBeUndefined();
    expect(existsSync(folder)).toBe(false);
  });

  it('keeps no connection for the next question, which would race with its closing', async () => {
    const { ask } = await run();
    expect(await ask('/folder')).toMatchObject({ status: 200, connection: 'close' });
  });

  it('clears what an earlier run left that was killed', async () => {
    const killed = await run();
    killed.child.kill('SIGKILL');
    await once(killed.child, 'exit');
    expect(identify(killed.postgres)).toBeDefined();
    const next = await run();
    await until(() => identify(killed.postgres) === undefined, { what: 'the orphan to be ended' });
    expect(existsSync(killed.folder)).toBe(false);
    expect(identify(next.postgres)).toBeDefined();
  });

  it('gives a test a server of its own beside the shared one, to stop and start', async () => {
    const { ask, postgres } = await run();
    const { id, url } = JSON.parse((await ask('/own/postgres')).text);
    await ask(`/own/${id}/stop`);
    const refused = await fetch(url.replace('postgres:', 'http:').replace(/[^/]*@/, '')).catch(
      (error) => error.cause.code,
    );
    expect(refused).toBe('ECONNREFUSED');
    expect(await ask(`/own/${id}/start`)).toMatchObject({ status: 200, text: '{}' });
    expect(identify(postgres)).toBeDefined();
  });

  it('gives nothing to whoever does not belong to the run', async () => {
    const { ask } = await run();
    expect(await ask('/postgres', 'guessed')).toMatchObject({ status: 401, text: '{}' });
    expect(await ask('/own/oracle')).toMatchObject({ status: 500, text: expect.stringContaining('no server named') });
  });
});

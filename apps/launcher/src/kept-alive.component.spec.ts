import { join } from 'node:path';
import { RestartableServer, ServerProcess } from '#libs/embedded';
import { testFolder, until } from '#libs/testing';
import { KeptAlive } from './kept-alive.js';

describe('a part that is kept alive', () => {
  let folder: string;
  const started: KeptAlive[] = [];

  beforeAll(async () => {
    folder = await testFolder();
  });
  afterEach(() => Promise.all(started.splice(0).map((part) => part.stop())));

  /** A program of one line as an app of the store. */
  function keep(program: string) {
    const identityFile = join(folder, 'app.pid.json');
    const launch = async () =>
      ServerProcess.spawn({
        name: 'app',
        command: process.execPath,
        arguments: ['-e', program],
        logFile: join(folder, 'app.log'),
        identityFile,
      });
    const told: string[] = [];
    const pids: (number | undefined)[] = [];
    const server = new RestartableServer({ launch, stopSignal: 'SIGTERM', identityFile });
    const part = new KeptAlive('app', server, {
      say: (line) => told.push(line),
      changed: () => pids.push(part.pid),
      gaveUp: (name, why) => told.push(`gave up ${name}: ${why}`),
    });
    started.push(part);
    return { part, told, pids };
  }

  const livesOn = 'setInterval(() => {}, 1000)';

  it('comes back with another process when it is killed, and tells of it', async () => {
    const { part, told, pids } = keep(livesOn);
    await part.start();
    const first = part.pid ?? 0;
    process.kill(first, 'SIGKILL');
    await until(() => part.state === 'running' && part.pid !== first, { what: 'a new process' });
    expect(told).toEqual(['app died; starting it again in 0.2 s']);
    expect(pids).toEqual([first, undefined, part.pid]);
  });

  it('is given up after five deaths, with growing pauses between', async () => {
    const { part, told } = keep('process.exit(1)');
    const begun = performance.now();
    await part.start();
    await until(() => part.state === 'given up', { what: 'an end of the trials', timeout: 30_000 });
    expect(performance.now() - begun).toBeGreaterThan(200 + 400 + 800 + 1600);
    expect(told.at(-1)).toBe('gave up app: died too often');
    expect(told).toHaveLength(5);
    expect(part.pid).toBeUndefined();
  });

  it('is given up at once when it says that its configuration is wrong', async () => {
    const { part, told } = keep('process.exit(78)');
    await part.start();
    await until(() => part.state === 'given up', { what: 'an end of the trials' });
    expect(told).toEqual(['gave up app: configuration']);
  });

  it('stays down when it was stopped, also in the pause before a restart', async () => {
    const { part } = keep(livesOn);
    await part.start();
    const { pid = 0 } = part;
    process.kill(pid, 'SIGKILL');
    await until(() => part.state === 'restarting', { what: 'the death to be seen' });
    await part.stop();
    const pause = new Promise((resolve) => setTimeout(resolve, 400)); // twice the pause that a restart would have waited
    await pause;
    expect(part.pid).toBeUndefined();
    expect(part.state).toBe('stopped');
  });

  it('can be started again after it was stopped', async () => {
    const { part } = keep(livesOn);
    await part.start();
    await part.stop();
    await part.start();
    expect(part.state).toBe('running');
    expect(part.pid).toBeDefined();
  });
});

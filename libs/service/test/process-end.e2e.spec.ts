import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';

/** Runs a module that has `log` and everything of libs/service in reach. */
async function runProcess(body: string): Promise<{ code: number | null; output: string }> {
  const source = `
    const service = await import('./dist/libs/service/src/index.js');
    const log = await service.createLogger({ name: 'test', level: 'info', format: 'json' });
    ${body}`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', source], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  return { output: await text(child.stdout), code: await ended };
}

describe('the end of a process', () => {
  it.each([
    ['Promise.reject(new Error("nobody caught this"))', 'unhandled rejection'],
    ['setTimeout(() => { throw new Error("nobody caught this") })', 'uncaught exception'],
  ])('comes with a last log line and 1 after %s', async (mistake, message) => {
    const { code, output } = await runProcess(`service.exitOnCrash(log); setInterval(() => {}, 1000); ${mistake};`);
    expect(code).toBe(1);
    const line = JSON.parse(output.trim());
    expect(line).toMatchObject({ level: 'fatal', msg: message, err: { message: 'nobody caught this' } });
    expect(line.err.stack).toContain('Error: nobody caught this');
  });

  it('comes with 78 when a variable is wrong: to start again would not help', async () => {
    const { code } = await runProcess('service.loadConfig(service.serviceEnvironment);');
    expect(code).toBe(78);
  });

  it('comes at once with a second signal, however long the first takes', async () => {
    const { code, output } = await runProcess(`
      service.exitOnSignal(log, () => new Promise(() => {}));
      setInterval(() => {}, 1000);
      process.kill(process.pid, 'SIGTERM');
      setTimeout(() => process.kill(process.pid, 'SIGTERM'), 50);`);
    expect(code).toBe(1);
    expect(output).toContain('"msg":"stopping"');
    expect(output).not.toContain('not stopped in time');
  });

  it('says so when stopping in order failed', async () => {
    const { code, output } = await runProcess(`
      service.exitOnSignal(log, () => Promise.reject(new Error('the pool hangs')));
      setInterval(() => {}, 1000);
      process.kill(process.pid, 'SIGTERM');`);
    expect(code).toBe(1);
    expect(output).toContain('could not stop in order');
  });
});

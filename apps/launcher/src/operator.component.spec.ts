import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EmbeddedServer } from '#libs/embedded';
import { KeptAlive } from './kept-alive.js';
import { askOperator, OperatorDesk } from './operator.js';

/** A server without a process: the desk is what is tested. */
class Lamp implements EmbeddedServer {
  running = true;
  get pid(): number | undefined {
    return this.running ? 7 : undefined;
  }
  async start(): Promise<void> {
    this.running = true;
  }
  async stop(): Promise<void> {
    this.running = false;
  }
  async kill(): Promise<void> {
    this.running = false;
  }
  onDeath(): void {}
}

describe('the verbs of an operator', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ineedthatfast-operator-'));
  const file = join(folder, 'operator.json');
  const lamp = new Lamp();
  const kafka = new KeptAlive('kafka', lamp, { say: () => {}, changed: () => {}, gaveUp: () => {} });
  const desk = new OperatorDesk(file, () => [kafka]);

  beforeAll(() => desk.open());
  afterAll(() => {
    desk.close();
    rmSync(folder, { recursive: true });
  });

  it('stop a part, leave it down, and start it again', async () => {
    expect(await askOperator(file, 'stop', 'kafka')).toBe('kafka stopped');
    expect(await askOperator(file, 'status')).toMatch(/^kafka +stopped *$/);
    expect(await askOperator(file, 'start', 'kafka')).toBe('kafka started');
    expect(await askOperator(file, 'status')).toMatch(/^kafka +running +7$/);
  });

  it('name what there is when they are given something else', async () => {
    await expect(askOperator(file, 'stop', 'kafak')).rejects.toThrow('There is no "kafak": kafka');
    await expect(askOperator(file, 'paint', 'kafka')).rejects.toThrow(
      'There is no "paint": status, start, stop, restart',
    );
    await expect(askOperator(file, 'paint')).rejects.toThrow('There is no "paint": status, start, stop, restart');
    await expect(askOperator(file, 'stop')).rejects.toThrow('Say which part to stop: kafka');
    expect(lamp.running).toBe(true);
  });

  it('are refused to whoever cannot read the file of the store', async () => {
    expect((statSync(file).mode & 0o777).toString(8)).toBe('600');
    const { url } = JSON.parse(readFileSync(file, 'utf8'));
    const answer = await fetch(`${url}/stop/kafka`, { method: 'POST', headers: { authorization: 'Bearer guessed' } });
    expect(answer.status).toBe(400);
    expect(lamp.running).toBe(true);
  });

  it('say how to start a store when none runs', async () => {
    await expect(askOperator(join(folder, 'none.json'), 'status')).rejects.toThrow('npm start');
  });

  it('say how to start a store when its launcher was killed', async () => {
    const left = join(folder, 'left.json');
    writeFileSync(left, JSON.stringify({ url: 'http://127.0.0.1:1', token: 'of a launcher that is gone' }));
    await expect(askOperator(left, 'status')).rejects.toThrow('The launcher of the store does not answer: npm start');
  });
});

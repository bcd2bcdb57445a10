import { patiently } from './patiently.js';

const AWAY = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
const isAway = (error: unknown) => error === AWAY;

describe('waiting for a server', () => {
  it('goes on when it comes up, and says that it waits', async () => {
    const said: string[] = [];
    let tries = 0;
    const work = async () => {
      tries += 1;
      if (tries < 2) throw AWAY;
    };
    await patiently(work, { what: 'PostgreSQL at x', limitMs: 10_000, say: (line) => said.push(line), isAway });
    expect(tries).toBe(2);
    expect(said).toEqual([expect.stringMatching(/^waiting for PostgreSQL at x, 0 s of 10 s: connect ECONNREFUSED/)]);
  });

  it('gives up after the limit, naming the server and its last answer', async () => {
    const forEver = patiently(() => Promise.reject(AWAY), { what: 'Kafka at y', limitMs: 30, say: () => {}, isAway });
    await expect(forEver).rejects.toThrow('Kafka at y was not ready within 0 s: connect ECONNREFUSED');
  });

  it('does not repeat what waiting does not cure', async () => {
    let tries = 0;
    const work = () => {
      tries += 1;
      return Promise.reject(new Error('no such role'));
    };
    await expect(patiently(work, { what: 'x', limitMs: 10_000, say: () => {}, isAway })).rejects.toThrow(
      'no such role',
    );
    expect(tries).toBe(1);
  });
});

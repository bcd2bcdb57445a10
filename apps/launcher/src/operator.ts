import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { KeptAlive } from './kept-alive.js';
import { writeAtomically } from './store-folder.js';

/** What an operator may do to one part of a running store. */
const verbs = { start: 'started', stop: 'stopped', restart: 'restarted' } as const;
export type Verb = keyof typeof verbs | 'status';

const isVerb = (text: string): text is keyof typeof verbs => Object.hasOwn(verbs, text);

/**
 * The launcher's side of `npm run store`: HTTP on loopback, with a token that stands in a file which only the owner of the
 * store can read.
 */
export class OperatorDesk {
  private readonly token = randomBytes(24).toString('hex');
  private readonly server: Server = createServer((request, response) => {
    const allowed = request.method === 'POST' && request.headers.authorization === `Bearer ${this.token}`;
    const answer = allowed ? this.act(String(request.url)) : Promise.reject(new Error('not allowed'));
    answer.then(
      (line) => response.end(line),
      (error: Error) => response.writeHead(400).end(error.message),
    );
  });

  constructor(
    private readonly file: string,
    private readonly parts: () => readonly KeptAlive[],
  ) {}

  async open(): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.server.once('error', reject).listen(0, '127.0.0.1', resolve);
    await promise;
    const address = this.server.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    writeAtomically(this.file, { url: `http://127.0.0.1:${port}`, token: this.token });
  }

  close(): void {
    rmSync(this.file, { force: true });
    this.server.close();
    this.server.closeAllConnections();
  }

  private async act(path: string): Promise<string> {
    const [, verb = '', name = ''] = path.split('/');
    if (verb === 'status') return this.parts().map(describePart).join('\n');
    if (!isVerb(verb)) throw new Error(`There is no "${verb}": status, ${Object.keys(verbs).join(', ')}`);
    const names = this.parts().map((candidate) => candidate.name);
    if (name === '') throw new Error(`Say which part to ${verb}: ${names.join(', ')}`);
    const part = this.parts().find((candidate) => candidate.name === name);
    if (!part) throw new Error(`There is no "${name}": ${names.join(', ')}`);
    if (verb !== 'start') await part.stop();
    if (verb !== 'stop') await part.start();
    return `${name} ${verbs[verb]}`;
  }
}

const describePart = ({ name, state, pid }: KeptAlive): string => `${name.padEnd(18)} ${state.padEnd(10)} ${pid ?? ''}`;

/** Asks the launcher that runs a store. @throws when none runs, or with what it answered */
export async function askOperator(file: string, verb: string, name = ''): Promise<string> {
  if (!existsSync(file)) throw new Error('The store is not running: npm start');
  const { url, token } = JSON.parse(readFileSync(file, 'utf8'));
  const response = await fetch(`${url}/${verb}/${encodeURIComponent(name)}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}` },
  }).catch((cause) => {
    // It was killed and could not take its file away.
    throw new Error('The launcher of the store does not answer: npm start', { cause });
  });
  const text = await response.text();
  if (!response.ok) throw new Error(text);
  return text;
}

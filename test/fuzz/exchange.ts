import { connect, type Socket } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import type { FuzzCase } from './cases.js';

/** Longer than any deadline that a route of the store has, or a server waits for a request, also on a busy machine. */
const HANG_MS = 60_000;
const KEPT_BYTES = 200_000;
/** Silence after which the client says that nothing follows: after an answer, and where none has come. */
const SILENCE_MS = { answered: 15, unanswered: 200 };

/** What came of a case. */
export interface Outcome {
  readonly statuses: readonly number[];
  /** What must never be; undefined when all is well. */
  readonly fault: string | undefined;
}

/** Writes a case to a connection of its own, says after some silence that nothing follows, and reads to the end. */
export async function exchange(url: URL, { pieces, leaves }: FuzzCase): Promise<Outcome> {
  const socket = connect({ host: url.hostname, port: Number(url.port), allowHalfOpen: true, noDelay: true });
  const reading = read(socket);
  for (const piece of pieces) {
    socket.write(piece);
    if (pieces.length > 1) await setImmediate();
  }
  if (leaves) socket.destroySoon();
  const { text, end } = await reading;
  const statuses = [...text.matchAll(/^HTTP\/1\.1 (\d{3}) /gm)].map((match) => Number(match[1]));
  return {
    statuses,
    fault: end === 'refused' ? 'the connection was refused' : faultOf(text, statuses, end === 'hung'),
  };
}

function faultOf(text: string, statuses: readonly number[], hung: boolean): string | undefined {
  const worst = statuses.filter((status) => status >= 500);
  // A 504 is right where the client's own Request-Timeout asked for it.
  const asked = text.match(/"requestTimeoutSeconds"/g)?.length ?? 0;
  if (worst.filter((status) => status !== 504).length > 0 || worst.length > asked)
    return `answered ${worst.join(', ')}`;
  if (hung) return `no end of the answer in ${HANG_MS / 1000} s`;
  const refusals = statuses.filter((status) => status >= 400).length;
  const problems = text.match(/^content-type: application\/problem\+json\r$/gim)?.length ?? 0;
  return problems < refusals ? 'a refusal without problem document' : undefined;
}

interface Read {
  readonly text: string;
  readonly end: 'ended' | 'hung' | 'refused';
}

/** A stream of events ends when its reader goes: it is read as far as its beginning. */
function read(socket: Socket): Promise<Read> {
  const { promise, resolve } = Promise.withResolvers<Read>();
  const chunks: Buffer[] = [];
  let length = 0;
  const text = () => Buffer.concat(chunks).toString('latin1');
  const settle = (end: Read['end']) => {
    clearTimeout(timer);
    clearTimeout(silence);
    resolve({ text: text(), end });
    socket.destroy();
  };
  const timer = setTimeout(() => settle('hung'), HANG_MS);
  let silence = setTimeout(() => socket.end(), SILENCE_MS.unanswered);
  socket.on('data', (chunk: Buffer) => {
    if (length < KEPT_BYTES) chunks.push(chunk);
    length += chunk.length;
    clearTimeout(silence);
    silence = setTimeout(() => socket.end(), SILENCE_MS.answered);
    if (/^content-type: text\/event-stream/im.test(chunk.toString('latin1'))) settle('ended');
  });
  socket.on('end', () => settle('ended'));
  socket.on('close', () => settle('ended'));
  // A reset by a server that has had enough is an end like any other; one that is not there is not.
  socket.on('error', (error: NodeJS.ErrnoException) => settle(error.code === 'ECONNREFUSED' ? 'refused' : 'ended'));
  return promise;
}

import { caseOf, type FuzzCase } from './cases.js';
import { exchange } from './exchange.js';
import { storeRoutes } from './requests.js';

export interface FuzzOptions {
  /** Of a gateway on the loopback: no other is ever written to. */
  readonly url: string;
  readonly seed: number;
  readonly first: number;
  readonly requests: number;
  /** Connections at once. */
  readonly concurrency: number;
  /** An access token for the next cases; undefined for none. */
  readonly token: (index: number) => Promise<string | undefined>;
  readonly progress?: (figures: Figures) => void;
  /** What a case is; requests of all kinds by default. */
  readonly make?: typeof caseOf;
}

export interface Fault {
  readonly index: number;
  readonly kind: string;
  readonly what: string;
  readonly bytes: Buffer;
}

export interface Figures {
  cases: number;
  /** Answers by status. */
  readonly answers: Map<number, number>;
  readonly kinds: Map<string, number>;
  /** Cases that ended without any answer: the client left, or sent nothing that asks for one. */
  silent: number;
  readonly faults: Fault[];
}

const PROGRESS_EVERY = 1_000;
const TOO_MANY_FAULTS = 20;

/** Runs the cases; ends early when twenty have shown faults. */
export async function fuzz(options: FuzzOptions): Promise<Figures> {
  const url = new URL(options.url);
  if (!['127.0.0.1', '[::1]', 'localhost'].includes(url.hostname)) throw new Error(`${url.host} is not this machine`);
  const figures: Figures = { cases: 0, answers: new Map(), kinds: new Map(), silent: 0, faults: [] };
  const routes = storeRoutes();
  const { make = caseOf } = options;
  let next = options.first;
  const worker = async () => {
    while (next < options.first + options.requests && figures.faults.length < TOO_MANY_FAULTS) {
      const index = next++;
      const fuzzCase = make(index, { seed: options.seed, routes, token: await options.token(index) });
      const { statuses, fault } = await exchange(url, fuzzCase);
      count(figures, fuzzCase.kind, statuses);
      if (fault !== undefined) figures.faults.push(faultIn(index, fuzzCase, fault));
      if (figures.cases % PROGRESS_EVERY === 0) options.progress?.(figures);
    }
  };
  await Promise.all(Array.from({ length: options.concurrency }, worker));
  return figures;
}

function count(figures: Figures, kind: string, statuses: readonly number[]): void {
  figures.cases++;
  add(figures.kinds, kind);
  for (const status of statuses) add(figures.answers, status);
  if (statuses.length === 0) figures.silent++;
}

function add<K>(counts: Map<K, number>, key: K): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

function faultIn(index: number, { kind, pieces }: FuzzCase, what: string): Fault {
  return { index, kind, what, bytes: Buffer.concat(pieces) };
}

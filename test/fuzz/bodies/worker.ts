import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { parentPort, workerData } from 'node:worker_threads';
import type { MemorySample } from '../memory.js';
import { bodyTargets } from './targets.js';
import { type Tried, tryDocument } from './try-document.js';

/** What a worker is asked for. */
export interface BodyWork {
  readonly seed: number;
  readonly first: number;
  readonly count: number;
  /** Where it says how many documents it has begun: whoever waits sees by it that it goes on. */
  readonly begun: SharedArrayBuffer;
}

/** What came of a few documents. */
export interface BodyReport {
  readonly outcomes: Readonly<Record<string, number>>;
  readonly kinds: Readonly<Record<string, number>>;
  readonly bytes: number;
  readonly slowest: { readonly ms: number; readonly index: number };
  readonly faults: readonly { readonly index: number; readonly tried: Tried }[];
  readonly memory: MemorySample;
}

const REPORT_EVERY = 1_000;
/** What is left after a collection is what is held. */
const COLLECT_EVERY = 10_000;
setFlagsFromString('--expose-gc');
const collect: () => void = runInNewContext('gc');

const { seed, first, count, begun }: BodyWork = workerData;
const progress = new Int32Array(begun);
const targets = bodyTargets();
for (let at = 0; at < count; at += REPORT_EVERY) parentPort?.postMessage(some(at, Math.min(count, at + REPORT_EVERY)));

function some(from: number, to: number): BodyReport {
  const outcomes: Record<string, number> = {};
  const kinds: Record<string, number> = {};
  const faults: { index: number; tried: Tried }[] = [];
  let bytes = 0;
  let slowest = { ms: 0, index: 0 };
  for (let at = from; at < to; at++) {
    Atomics.store(progress, 0, at + 1);
    const tried = tryDocument(first + at, seed, targets);
    outcomes[tried.outcome] = (outcomes[tried.outcome] ?? 0) + 1;
    kinds[tried.document.kind] = (kinds[tried.document.kind] ?? 0) + 1;
    bytes += tried.document.bytes.length;
    if (tried.ms > slowest.ms) slowest = { ms: tried.ms, index: first + at };
    if (tried.fault !== undefined) faults.push({ index: first + at, tried });
  }
  if (to % COLLECT_EVERY === 0) collect();
  const { heapUsed, rss } = process.memoryUsage();
  return { outcomes, kinds, bytes, slowest, faults, memory: { heap: heapUsed, rss } };
}

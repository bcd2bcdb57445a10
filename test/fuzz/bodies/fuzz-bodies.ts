import { Worker } from 'node:worker_threads';
import { MemoryLows, type MemorySample } from '../memory.js';
import type { BodyReport, BodyWork } from './worker.js';

export interface BodyFuzzOptions {
  readonly seed: number;
  readonly first: number;
  readonly bodies: number;
  readonly progress?: (figures: BodyFigures, memory: MemorySample | undefined) => void;
}

export interface BodyFigures {
  documents: number;
  bytes: number;
  readonly outcomes: Map<string, number>;
  readonly kinds: Map<string, number>;
  slowest: { readonly ms: number; readonly index: number };
  readonly faults: string[];
  readonly lows: readonly MemorySample[];
}

const MARK_EVERY = 10_000;
const TOO_MANY_FAULTS = 20;
/** A thread that is busy with one document for so long is not coming back. */
const HANG_MS = 30_000;

/** Tries the documents in a thread of their own, so that one that is never done with is found; ends early at twenty faults. */
export async function fuzzBodies({ seed, first, bodies, progress }: BodyFuzzOptions): Promise<BodyFigures> {
  const begun = new SharedArrayBuffer(4);
  const work: BodyWork = { seed, first, count: bodies, begun };
  const lows = new MemoryLows();
  const figures: BodyFigures = {
    ...{ documents: 0, bytes: 0, slowest: { ms: 0, index: 0 }, lows: lows.lows },
    ...{ outcomes: new Map(), kinds: new Map(), faults: [] },
  };
  const worker = new Worker(new URL('./start-worker.mjs', import.meta.url), { workerData: work });
  const ended = Promise.withResolvers<void>();
  const timer = watch(begun, () => {
    figures.faults.push(
      `document ${first + Atomics.load(new Int32Array(begun), 0) - 1}: no end after ${HANG_MS / 1000} s`,
    );
    ended.resolve();
  });
  worker.on('message', (report: BodyReport) => {
    add(figures, report);
    lows.add(report.memory);
    if (figures.documents % MARK_EVERY === 0) progress?.(figures, lows.mark());
    if (figures.faults.length >= TOO_MANY_FAULTS) ended.resolve();
  });
  worker.on('error', ended.reject);
  worker.on('exit', () => ended.resolve());
  await ended.promise.finally(() => {
    clearInterval(timer);
    return worker.terminate();
  });
  return figures;
}

/** Calls when the count has stood still for too long. */
function watch(begun: SharedArrayBuffer, stuck: () => void): NodeJS.Timeout {
  const count = new Int32Array(begun);
  let [seen, since] = [0, performance.now()];
  return setInterval(() => {
    const now = Atomics.load(count, 0);
    if (now !== seen) [seen, since] = [now, performance.now()];
    else if (performance.now() - since > HANG_MS) stuck();
  }, 1_000);
}

function add(figures: BodyFigures, report: BodyReport): void {
  for (const [outcome, count] of Object.entries(report.outcomes)) {
    figures.outcomes.set(outcome, (figures.outcomes.get(outcome) ?? 0) + count);
    figures.documents += count;
  }
  for (const [kind, count] of Object.entries(report.kinds)) {
    figures.kinds.set(kind, (figures.kinds.get(kind) ?? 0) + count);
  }
  figures.bytes += report.bytes;
  if (report.slowest.ms > figures.slowest.ms) figures.slowest = report.slowest;
  for (const { index, tried } of report.faults) {
    const text = JSON.stringify(Buffer.from(tried.document.bytes).toString('latin1').slice(0, 2_000));
    figures.faults.push(`document ${index} (${tried.document.kind}) for ${tried.target} ${tried.fault}: ${text}`);
  }
}

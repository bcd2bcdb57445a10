import { readFileSync } from 'node:fs';
import { Inspector } from '../inspector/inspector.js';

/** Bytes at one moment. */
export interface MemorySample {
  readonly heap: number;
  readonly rss: number;
}

/**
 * What memory a process really holds. A heap rises until its next collection: the lowest value of a while counts, hence the
 * lowest of the samples since the last mark.
 */
export class MemoryLows {
  readonly lows: MemorySample[] = [];
  private window: MemorySample[] = [];

  add(sample: MemorySample): void {
    this.window.push(sample);
  }

  /** Ends a while, and remembers its lowest heap and highest RSS. */
  mark(): MemorySample | undefined {
    if (this.window.length === 0) return this.lows.at(-1);
    const low = {
      heap: Math.min(...this.window.map(({ heap }) => heap)),
      rss: Math.max(...this.window.map(({ rss }) => rss)),
    };
    this.window = [];
    this.lows.push(low);
    return low;
  }
}

/**
 * Watches the memory of a process, which is made to collect its garbage before each sample: a process that has room may let it
 * lie for a quarter of an hour. RSS by the system. Linux.
 */
export class MemoryWatch extends MemoryLows {
  static async of(pid: number): Promise<MemoryWatch> {
    return new MemoryWatch(pid, await Inspector.open(pid));
  }

  private readonly pid: number;
  private readonly inspector: Inspector;

  private constructor(pid: number, inspector: Inspector) {
    super();
    this.pid = pid;
    this.inspector = inspector;
  }

  async take(): Promise<MemorySample | undefined> {
    await this.inspector.send('HeapProfiler.collectGarbage');
    const { usedSize } = await this.inspector.send('Runtime.getHeapUsage');
    this.add({ rss: rssOf(this.pid), heap: Number(usedSize) });
    return this.mark();
  }

  stop(): void {
    this.inspector.close();
  }
}

function rssOf(pid: number): number {
  const rss = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  if (rss === undefined) throw new Error(`no memory figures of process ${pid}`);
  return Number(rss) * 1024;
}

/**
 * How much more the second half of the time held than the first, once warm: what a leak does. The lowest of each half counts for
 * the heap; for RSS, which is seldom given back, the highest.
 */
export function growth(lows: readonly MemorySample[]): MemorySample {
  const warm = lows.slice(Math.ceil(lows.length / 4));
  const half = Math.floor(warm.length / 2);
  if (half === 0) return { heap: 0, rss: 0 };
  const [first, second] = [warm.slice(0, half), warm.slice(-half)];
  const lowest = (samples: readonly MemorySample[]) => Math.min(...samples.map(({ heap }) => heap));
  const highest = (samples: readonly MemorySample[]) => Math.max(...samples.map(({ rss }) => rss));
  return { heap: lowest(second) - lowest(first), rss: highest(second) - highest(first) };
}

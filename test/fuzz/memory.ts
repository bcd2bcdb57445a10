import { readFileSync } from 'node:fs';

/** Bytes at one moment. */
export interface MemorySample {
  readonly heap: number;
  readonly rss: number;
}

const INTERVAL_MS = 500;

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

/** Watches the memory of a process. */
export class MemoryWatch extends MemoryLows {
  private readonly timer: NodeJS.Timeout;
  private readonly sample: () => Promise<MemorySample>;

  constructor(sample: () => Promise<MemorySample>) {
    super();
    this.sample = sample;
    this.timer = setInterval(() => void this.take(), INTERVAL_MS);
  }

  stop(): void {
    clearInterval(this.timer);
  }

  private async take(): Promise<void> {
    this.add(await this.sample());
  }
}

/** Heap by the process's own metrics (Prometheus), RSS by the system. Linux. */
export async function sampleOf(pid: number, metricsUrl: string): Promise<MemorySample> {
  const rss = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  const metrics = await (await fetch(metricsUrl)).text();
  const heap = [...metrics.matchAll(/^v8js_memory_heap_used(?:_bytes)?(?:\{[^}]*\})? ([\d.e+]+)/gm)];
  if (rss === undefined || heap.length === 0) throw new Error(`no memory figures of process ${pid} at ${metricsUrl}`);
  return { rss: Number(rss) * 1024, heap: heap.reduce((sum, match) => sum + Number(match[1]), 0) };
}

/**
 * How much more the second half of the time held than the first, once warm: what a leak does. A large heap is collected
 * seldom, so the lowest of each half counts for it; for RSS, which is seldom given back, the highest.
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

/** Says what is wrong, for operators; undefined when all is well. */
export type ReadinessCheck = () => Promise<string | undefined>;

const CHECK_LIMIT_MS = 2_000;

export interface ReadinessReport {
  readonly ready: boolean;
  /** By name of the check: `ok` or what is wrong. */
  readonly checks: Readonly<Record<string, string>>;
  /** What operators should know although requests are served, by name. */
  readonly notes?: Readonly<Record<string, string>>;
}

/** Whether an app wants requests. Not ready before `started()`, and never again after `draining()`. */
export class Readiness {
  private phase: 'starting' | 'running' | 'draining' = 'starting';
  private readonly checks = new Map<string, ReadinessCheck>();
  private readonly notes = new Map<string, string>();
  /** Those of `addUntilMet` by whether they were met. */
  private readonly met = new Map<string, boolean>();

  /** Adds a check, which is run on each `GET /readyz` and may take 2 s. A check that throws is one that fails. */
  add(name: string, check: ReadinessCheck): void {
    if (this.checks.has(name)) throw new Error(`There are two readiness checks with the name ${name}`);
    this.checks.set(name, check);
  }

  /**
   * Adds a check that has to be met once; what it says later is a note. For what all replicas share: if each of them left
   * the balancer while one service is away, requests that do not need it would have nowhere to go.
   */
  addUntilMet(name: string, check: ReadinessCheck): void {
    this.add(name, check);
    this.met.set(name, false);
  }

  /** Tells operators something that does not keep the app from serving; undefined takes it back. */
  note(name: string, text: string | undefined): void {
    if (text === undefined) this.notes.delete(name);
    else this.notes.set(name, text);
  }

  started(): void {
    if (this.phase === 'starting') this.phase = 'running';
  }

  /** Tells whether it had started. */
  draining(): boolean {
    const hadStarted = this.phase === 'running';
    this.phase = 'draining';
    return hadStarted;
  }

  async report(): Promise<ReadinessReport> {
    if (this.phase !== 'running') return { ready: false, checks: { app: this.phase } };
    const entries = await Promise.all([...this.checks].map(async ([name, check]) => [name, await run(check)] as const));
    for (const [name, result] of entries) if (result === 'ok' && this.met.has(name)) this.met.set(name, true);
    const noted = entries.filter(([name, result]) => result !== 'ok' && this.met.get(name));
    const checks = Object.fromEntries(entries.filter((entry) => !noted.includes(entry)));
    const notes = Object.fromEntries([...this.notes, ...noted]);
    const ready = Object.values(checks).every((result) => result === 'ok');
    return { ready, checks, ...(Object.keys(notes).length > 0 && { notes }) };
  }
}

async function run(check: ReadinessCheck): Promise<string> {
  const { promise: late, resolve } = Promise.withResolvers<string>();
  const timer = setTimeout(resolve, CHECK_LIMIT_MS, `no answer in ${CHECK_LIMIT_MS} ms`);
  try {
    return (await Promise.race([check(), late])) ?? 'ok';
  } catch (error) {
    return error instanceof Error ? error.message : 'failed';
  } finally {
    clearTimeout(timer);
  }
}

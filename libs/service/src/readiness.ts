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

  /** Adds a check, which is run on each `GET /readyz` and may take 2 s. A check that throws is one that fails. */
  add(name: string, check: ReadinessCheck): void {
    if (this.checks.has(name)) throw new Error(`There are two readiness checks with the name ${name}`);
    this.checks.set(name, check);
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
    const ready = entries.every(([, result]) => result === 'ok');
    const notes = this.notes.size > 0 && { notes: Object.fromEntries(this.notes) };
    return { ready, checks: Object.fromEntries(entries), ...notes };
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

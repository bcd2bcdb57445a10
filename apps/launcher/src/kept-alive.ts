import type { EmbeddedServer } from '#libs/embedded';
import { EX_CONFIG } from '#libs/service';
import { restartDelay } from './restart-rule.js';

export type KeptState = 'stopped' | 'running' | 'restarting' | 'given up';

export interface KeptAliveEvents {
  /** One line for the person at the terminal. */
  say(line: string): void;
  /** A process was started or has ended: its pid is another one now. */
  changed(): void;
  /** It stays down: it died five times within a minute, or says that its configuration is wrong. */
  gaveUp(name: string, why: 'died too often' | 'configuration'): void;
}

/** Starts a server or app again when it dies without being asked to, by the rule of restarts. */
export class KeptAlive {
  private deaths: number[] = [];
  private wanted = false;
  private timer: NodeJS.Timeout | undefined;
  private current: KeptState = 'stopped';

  constructor(
    readonly name: string,
    private readonly server: EmbeddedServer,
    private readonly events: KeptAliveEvents,
  ) {
    this.wanted = server.running;
    this.current = server.running ? 'running' : 'stopped';
    server.onDeath((exitCode) => this.died(exitCode));
  }

  get state(): KeptState {
    return this.current;
  }

  get pid(): number | undefined {
    return this.server.pid;
  }

  /** Starts it, also after it was given up. */
  async start(): Promise<void> {
    this.wanted = true;
    this.deaths = [];
    clearTimeout(this.timer);
    await this.server.start();
    if (this.server.running) this.become('running');
  }

  /** Stops it; it stays down until `start`. */
  async stop(): Promise<void> {
    this.wanted = false;
    clearTimeout(this.timer);
    await this.server.stop();
    this.become('stopped');
  }

  private died(exitCode: number | null): void {
    if (!this.wanted) return;
    if (exitCode === EX_CONFIG) {
      this.giveUp('configuration');
      return;
    }
    const now = performance.now();
    this.deaths.push(now);
    const delay = restartDelay(this.deaths, now);
    if (delay === undefined) {
      this.giveUp('died too often');
      return;
    }
    this.events.say(`${this.name} died; starting it again in ${delay / 1000} s`);
    this.become('restarting');
    this.timer = setTimeout(() => this.restart(), delay);
  }

  private restart(): void {
    this.server.start().then(
      () => {
        if (this.wanted && this.server.running) this.become('running');
      },
      (error: Error) => {
        this.events.say(`${this.name} could not be started: ${error.message}`);
        this.died(null);
      },
    );
  }

  private giveUp(why: Parameters<KeptAliveEvents['gaveUp']>[1]): void {
    this.wanted = false;
    this.become('given up');
    this.events.gaveUp(this.name, why);
  }

  private become(state: KeptState): void {
    this.current = state;
    this.events.changed();
  }
}

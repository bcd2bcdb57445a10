import { setTimeout as delay } from 'node:timers/promises';

const CHECK_MS = 100;

/** What a balancer does in front of gateways: asks each whether it is ready, and deals requests to those that are, in turn. */
export class Balancer {
  private readonly ready = new Set<string>();
  private next = 0;
  private running = true;
  private readonly checking: Promise<unknown>;

  constructor(private readonly gateways: readonly string[]) {
    for (const gateway of gateways) this.ready.add(gateway);
    this.checking = Promise.all(gateways.map((gateway) => this.check(gateway)));
  }

  /** The gateway for the next request. */
  pick(): string {
    const ready = this.gateways.filter((gateway) => this.ready.has(gateway));
    const picked = ready[this.next++ % ready.length];
    if (picked === undefined) throw new Error('no gateway is ready');
    return picked;
  }

  async close(): Promise<void> {
    this.running = false;
    await this.checking;
  }

  private async check(gateway: string): Promise<void> {
    while (this.running) {
      const signal = AbortSignal.timeout(2_000);
      const answer = await fetch(`${gateway}/readyz`, { signal }).catch(() => undefined);
      if (answer?.ok) this.ready.add(gateway);
      else this.ready.delete(gateway);
      await answer?.body?.cancel();
      await delay(CHECK_MS);
    }
  }
}

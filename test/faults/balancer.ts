import { setTimeout as delay } from 'node:timers/promises';

const CHECK_MS = 100;

/**
 * What a balancer does in front of gateways: asks each whether it is ready, and deals requests to those that are, in turn; to
 * all of them when none is.
 */
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
    const dealt = ready.length > 0 ? ready : this.gateways;
    return dealt[this.next++ % dealt.length] ?? '';
  }

  async close(): Promise<void> {
    this.running = false;
    await this.checking;
  }

  private async check(gateway: string): Promise<void> {
    while (this.running) {
      const signal = AbortSignal.timeout(5_000); // a slow answer of a busy machine is none yet
      const answer = await fetch(`${gateway}/readyz`, { signal }).catch(() => undefined);
      if (answer?.ok) this.ready.add(gateway);
      else this.ready.delete(gateway);
      await answer?.body?.cancel();
      await delay(CHECK_MS);
    }
  }
}

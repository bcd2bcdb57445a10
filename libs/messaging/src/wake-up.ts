import type { Database, Listener } from '#libs/database';

/** Tells the relays of a service, in all its processes, that the outbox has something to send. */
export class WakeUp {
  private readonly channel: string;
  private listener: Listener | undefined;
  private notifying = false;
  private notifyAgain = false;
  private pending = false;
  private wake: (() => void) | undefined;

  constructor(
    service: string,
    private readonly database: Pick<Database, 'notify' | 'listen'>,
  ) {
    this.channel = `outbox_${service}`;
  }

  start(): void {
    this.listener ??= this.database.listen(this.channel, () => this.awake());
  }

  async close(): Promise<void> {
    this.awake();
    await this.listener?.close();
  }

  /** At most one NOTIFY is on its way: those asked for meanwhile become the next one. A lost one costs one poll. */
  notify(): void {
    if (this.notifying) {
      this.notifyAgain = true;
      return;
    }
    this.notifying = true;
    this.database
      .notify(this.channel)
      .catch(() => {})
      .finally(() => {
        this.notifying = false;
        if (!this.notifyAgain) return;
        this.notifyAgain = false;
        this.notify();
      });
  }

  /** Resolves when something may be there to send, after `limitMs` at the latest. For one waiter. */
  async wait(limitMs: number): Promise<void> {
    if (!this.pending) {
      const { promise, resolve } = Promise.withResolvers<void>();
      const timer = setTimeout(resolve, limitMs);
      this.wake = resolve;
      await promise;
      clearTimeout(timer);
    }
    this.pending = false;
  }

  private awake(): void {
    this.pending = true;
    this.wake?.();
  }
}

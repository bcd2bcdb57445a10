/**
 * Whether messages can flow since this process started, and whether Kafka lets them. A broker that goes away later is no problem here: the outbox
 * holds what is written meanwhile, and taking the service out of rotation would not bring the broker back.
 */
export class MessagingHealth {
  private readonly waitingFor = new Map<string, string>();
  private readonly refused = new Map<string, string>();
  private broken: string | undefined;

  /** What to tell whoever asks for readiness; undefined when all is well. */
  problem(): string | undefined {
    const refused = this.refused.size > 0 ? [...this.refused.values()].join('; ') : undefined;
    return this.broken ?? refused ?? this.waitingFor.values().next().value;
  }

  /** Something must happen before the service is ready; `why` may change until then. */
  expect(what: string, why: string): void {
    this.waitingFor.set(what, why);
  }

  reached(what: string): void {
    this.waitingFor.delete(what);
  }

  /** Kafka says no to `what`: nothing passes until somebody changes that, at the start and later. */
  refuse(what: string, why: string): void {
    this.refused.set(what, why);
  }

  allow(what: string): void {
    this.refused.delete(what);
  }

  /** For good: the process has to be started again. */
  breakDown(why: string): void {
    this.broken = why;
  }
}

import { setTimeout as delay } from 'node:timers/promises';

const PAUSE_MS = 10;

export interface Sent {
  readonly gateway: string;
  readonly what: 'valid' | 'ended' | 'none' | 'forged';
  readonly status: number;
}

/**
 * Calls a protected route through several gateways without a pause, with every kind of token there is, and keeps each
 * answer that should not have been.
 */
export class TokenLoad {
  readonly wrong: Sent[] = [];
  readonly counts: Record<Sent['what'], number> = { valid: 0, ended: 0, none: 0, forged: 0 };
  private readonly ended: string[] = [];
  private running = true;
  private readonly workers: Promise<void>[];

  constructor(
    gateways: readonly string[],
    /** The token that has to be accepted now. */
    public valid: string,
  ) {
    this.workers = gateways.map((gateway) => this.work(gateway));
  }

  /** From now on every gateway has to refuse it. */
  isEnded(token: string): void {
    this.ended.push(token);
  }

  async stop(): Promise<void> {
    this.running = false;
    await Promise.all(this.workers);
  }

  /** The status of one call of the protected route. */
  async status(gateway: string, token: string | undefined): Promise<number> {
    const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
    const response = await fetch(`${gateway}/v1/orders?pageSize=1`, { headers });
    await response.body?.cancel();
    return response.status;
  }

  private async work(gateway: string): Promise<void> {
    while (this.running) {
      await this.expect({ gateway, what: 'valid', token: this.valid }, 200);
      for (const token of this.ended) await this.expect({ gateway, what: 'ended', token }, 401);
      await this.expect({ gateway, what: 'none', token: undefined }, 401);
      await this.expect({ gateway, what: 'forged', token: forged(this.valid) }, 401);
      await delay(PAUSE_MS);
    }
  }

  private async expect(
    { gateway, what, token }: Omit<Sent, 'status'> & { token: string | undefined },
    expected: number,
  ): Promise<void> {
    const status = await this.status(gateway, token);
    this.counts[what] += 1;
    if (status !== expected) this.wrong.push({ gateway, what, status });
  }
}

/** The same claims with another signature. */
function forged(token: string): string {
  const [header, payload] = token.split('.');
  return `${header}.${payload}.${Buffer.alloc(64, 7).toString('base64url')}`;
}

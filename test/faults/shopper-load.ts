import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';

export interface ShopperLoadOptions {
  /** Says where the next request goes. */
  readonly balancer: { pick(): string };
  readonly tokens: readonly string[];
  readonly sku: string;
  readonly concurrency: number;
  /** Between two requests of a shopper. */
  readonly thinkMs: number;
}

const LIMIT_MS = 20_000;

/**
 * Shoppers who look at products, place orders, at times wait for their outcome, read them and follow them as events. No request
 * is ever sent twice: each one that is not answered as it should be is kept as a failure.
 */
export class ShopperLoad {
  readonly failures: string[] = [];
  /** Ids of orders that a 201 named. */
  readonly accepted: string[] = [];
  /** Requests that were answered as they should be. */
  answered = 0;
  private running = true;
  private readonly workers: Promise<void>[];

  constructor(private readonly options: ShopperLoadOptions) {
    this.workers = Array.from({ length: options.concurrency }, (_, index) => this.work(index));
  }

  async stop(): Promise<void> {
    this.running = false;
    await Promise.all(this.workers);
  }

  private async work(index: number): Promise<void> {
    const { tokens, thinkMs, sku } = this.options;
    const authorization = `Bearer ${tokens[index % tokens.length]}`;
    for (let round = index; this.running; round++) {
      await this.send('GET', `/v1/products/${sku}`, 200, {});
      const prefer: Record<string, string> = round % 5 === 0 ? { prefer: 'wait=5' } : {};
      const key = { 'idempotency-key': `"${randomUUID()}"`, 'content-type': 'application/json' };
      const lines = [{ sku, quantity: 1 }];
      const body = JSON.stringify({ lines, paymentMethod: 'pm_card_visa' });
      const placed = await this.send('POST', '/v1/orders', 201, { authorization, ...key, ...prefer }, body);
      const id = placed === undefined ? undefined : textOf(placed, 'id');
      if (id !== undefined) {
        this.accepted.push(id);
        await this.send('GET', `/v1/orders/${id}`, 200, { authorization });
        await this.send('GET', '/v1/orders?pageSize=5', 200, { authorization });
      }
      await delay(thinkMs);
    }
  }

  private async send(
    method: string,
    path: string,
    expected: number,
    ...[headers, body]: [Record<string, string>, string?]
  ): Promise<string | undefined> {
    const gateway = this.options.balancer.pick();
    const begun = Date.now();
    const what = () => `${method} ${path} at ${gateway} after ${Date.now() - begun} ms`;
    try {
      const signal = AbortSignal.timeout(LIMIT_MS);
      const answer = await fetch(gateway + path, { method, headers, body: body ?? null, signal });
      const text = await answer.text();
      if (answer.status === expected) this.answered++;
      else this.failures.push(`${what()}: ${answer.status} ${text}`);
      return answer.status === expected ? text : undefined;
    } catch (error) {
      const cause = error instanceof Error ? `${error.message} ${String(error.cause ?? '')}` : String(error);
      this.failures.push(`${what()}: ${cause}`);
      return undefined;
    }
  }
}

function textOf(json: string, field: string): string | undefined {
  const value: unknown = JSON.parse(json);
  const found: unknown = typeof value === 'object' && value !== null ? Reflect.get(value, field) : undefined;
  return typeof found === 'string' ? found : undefined;
}

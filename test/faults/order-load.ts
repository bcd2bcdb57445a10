import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';

export interface Buyer {
  readonly token: string;
}

export interface OrderLoadOptions {
  readonly url: string;
  readonly buyers: readonly Buyer[];
  readonly concurrency: number;
  readonly sku: string;
  /** How long a buyer thinks between two orders. */
  readonly thinkMs: number;
  /** How many submits there are at most; default: as many as it gets to. */
  readonly most?: number;
  /** Payment methods, dealt out in turn. */
  readonly paymentMethods: readonly string[];
}

/** What the client knows of one submit: its key, and every answer that it got under it. */
export interface Submit {
  readonly key: string;
  readonly buyer: Buyer;
  readonly body: string;
  /** Ids of the orders that 201 answers named. */
  readonly orderIds: Set<string>;
  attempts: number;
  /** Answers that are neither 201 nor a reason to try again. */
  refused?: string;
}

const RETRIED = new Set([409, 429, 499, 500, 502, 503, 504]);

/**
 * Buyers that keep placing orders over HTTP and log what they were told. An answer that was lost, or that asks to try
 * again, is retried under the same Idempotency-Key until it is answered, also after `stop`.
 */
export class OrderLoad {
  readonly submits: Submit[] = [];
  private running = true;
  private readonly workers: Promise<void>[];

  constructor(private readonly options: OrderLoadOptions) {
    this.workers = Array.from({ length: options.concurrency }, (_, index) => this.work(index));
  }

  /** Ids of all orders that a 201 named. */
  get accepted(): string[] {
    return [...new Set(this.submits.flatMap((submit) => [...submit.orderIds]))];
  }

  /** Lets no new submit start, and ends when every submit has its answer. */
  async stop(): Promise<void> {
    this.running = false;
    await Promise.all(this.workers);
  }

  private async work(index: number): Promise<void> {
    const { concurrency, most = Number.POSITIVE_INFINITY } = this.options;
    for (let round = index; this.running && round < most; round += concurrency) {
      const submit = this.nextSubmit(round);
      this.submits.push(submit);
      await this.settle(submit);
      await delay(this.options.thinkMs);
    }
  }

  private nextSubmit(round: number): Submit {
    const { buyers, paymentMethods, sku } = this.options;
    const buyer = buyers[round % buyers.length];
    if (!buyer) throw new Error('OrderLoad needs at least one buyer');
    const paymentMethod = paymentMethods[round % paymentMethods.length];
    const body = JSON.stringify({ lines: [{ sku, quantity: 1 }], paymentMethod });
    return { key: randomUUID(), buyer, body, orderIds: new Set(), attempts: 0 };
  }

  private async settle(submit: Submit): Promise<void> {
    const giveUp = Date.now() + 90_000;
    while (Date.now() < giveUp) {
      const answer = await this.attempt(submit);
      if (answer === 'settled') return;
      await delay(answer);
    }
    submit.refused = 'no answer within 90 s';
  }

  /** One try; 'settled', or the milliseconds to wait before the next. */
  private async attempt(submit: Submit): Promise<'settled' | number> {
    submit.attempts++;
    try {
      const answer = await fetch(`${this.options.url}/v1/orders`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${submit.buyer.token}`,
          'content-type': 'application/json',
          'idempotency-key': submit.key,
        },
        body: submit.body,
        signal: AbortSignal.timeout(10_000),
      });
      const text = await answer.text();
      if (answer.status === 201) submit.orderIds.add(orderId(text));
      else if (RETRIED.has(answer.status))
        return Math.min(Number(answer.headers.get('retry-after') ?? 0) * 1000 || 200, 1000);
      else submit.refused = `${answer.status} ${text}`;
      return 'settled';
    } catch {
      // The answer is lost: only a retry under the same key can tell what became of the order.
      return 200;
    }
  }
}

function orderId(text: string): string {
  const order: unknown = JSON.parse(text);
  if (typeof order === 'object' && order !== null && 'id' in order && typeof order.id === 'string') return order.id;
  throw new Error(`a 201 without an order id: ${text}`);
}

import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Shop } from '../e2e/shop.js';

export interface RefundLoadOptions {
  readonly shop: Shop;
  /** Access token of an administrator. */
  readonly token: string;
  /** Ids of confirmed orders of 19.99 dollars; each is refunded once. */
  readonly orders: readonly string[];
  /** Pause between two orders. */
  readonly thinkMs: number;
}

/** One refund that was asked for, and every answer that was got under its key. */
export interface AskedRefund {
  readonly orderId: string;
  readonly key: string;
  readonly minorUnits: string;
  /** Ids of refunds that 202 answers named. */
  readonly refundIds: Set<string>;
  /** The answer that is neither 202 nor a reason to try again. */
  refused?: string;
}

const RETRIED = new Set([409, 429, 499, 500, 502, 503, 504]);
const GIVE_UP_MS = 90_000;

/**
 * An administrator who refunds order after order, each in two parts: two requests at once, each repeated under its
 * Idempotency-Key until it is answered, also after `stop`.
 */
export class RefundLoad {
  readonly asked: AskedRefund[] = [];
  private running = true;
  private readonly worker: Promise<void>;

  constructor(private readonly options: RefundLoadOptions) {
    this.worker = this.work();
  }

  async stop(): Promise<void> {
    this.running = false;
    await this.worker;
  }

  private async work(): Promise<void> {
    const { orders, thinkMs } = this.options;
    for (const orderId of orders) {
      if (!this.running) return;
      await Promise.all([this.refund(orderId, '700'), this.refund(orderId, '1299')]);
      await delay(thinkMs);
    }
  }

  private async refund(orderId: string, minorUnits: string): Promise<void> {
    const refund: AskedRefund = { orderId, key: randomUUID(), minorUnits, refundIds: new Set() };
    this.asked.push(refund);
    for (const end = Date.now() + GIVE_UP_MS; Date.now() < end; await delay(300)) {
      if (await this.attempt(refund)) return;
    }
    refund.refused = `no answer within ${GIVE_UP_MS / 1000} s`;
  }

  /** One try; false when it has to be repeated. */
  private async attempt(refund: AskedRefund): Promise<boolean> {
    const { shop, token } = this.options;
    const { orderId, key, minorUnits } = refund;
    const body = { amount: { currencyCode: 'USD', minorUnits }, reason: 'GOODWILL' };
    const answer = await shop
      .call('POST', `/v1/orders/${orderId}:refund`, { token, key, body })
      // The answer is lost: only a retry under the same key can tell what became of the refund.
      .catch(() => undefined);
    if (!answer || RETRIED.has(answer.status)) return false;
    if (answer.status === 202) refund.refundIds.add(String(answer.body?.id));
    else refund.refused = `${answer.status} ${answer.text}`;
    return true;
  }
}

import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { PlaceOrderRequest } from '#libs/contracts';
import { Database } from '#libs/database';
import { DomainError } from '#libs/errors';
import { Log } from '#libs/service';
import { acceptOrder, type Order } from '../order.js';
import { type Acceptance, OrderStore } from '../order.store.js';
import { PlaceOrderProcess } from './place-order.process.js';
import { PriceOrder } from './price-order.js';
import { requestFingerprint } from './request-fingerprint.js';

export interface PlaceOrderCall {
  readonly customerId: string;
  readonly request: PlaceOrderRequest;
  readonly idempotencyKey: string | undefined;
}

/** Accepts orders: each request under one key makes at most one. */
@Injectable()
export class PlaceOrder {
  constructor(
    private readonly database: Database,
    private readonly orders: OrderStore,
    private readonly pricing: PriceOrder,
    private readonly process: PlaceOrderProcess,
    private readonly log: Log,
  ) {}

  async place({ customerId, request, idempotencyKey }: PlaceOrderCall): Promise<Order> {
    const acceptance = { idempotencyKey, fingerprint: requestFingerprint(customerId, request) };
    // Before pricing: a repeated request gets its order, also when prices have changed since.
    const earlier = await this.earlier(customerId, acceptance);
    if (earlier) return earlier;
    const priced = await this.pricing.price(customerId, request);
    const order = acceptOrder({ id: randomUUID(), customerId, ...priced }, { now: new Date() });
    return this.accept(order, acceptance, request.paymentMethod);
  }

  private async accept(order: Order, acceptance: Acceptance, paymentMethod: string): Promise<Order> {
    const accepted = await this.database.transaction(async () => {
      if (!(await this.orders.insert(order, acceptance))) return false;
      await this.process.begin(order, paymentMethod);
      return true;
    });
    if (accepted) {
      this.log.info({ orderId: order.id, lines: order.lines.length }, 'order placed');
      return order;
    }
    const earlier = await this.earlier(order.customerId, acceptance);
    if (!earlier) throw new Error(`order ${order.id} met another one under its key, which is not there`);
    return earlier;
  }

  private async earlier(customerId: string, { idempotencyKey, fingerprint }: Acceptance): Promise<Order | undefined> {
    if (idempotencyKey === undefined) return undefined;
    const found = await this.orders.findByKey(customerId, idempotencyKey);
    if (found && !found.fingerprint.equals(fingerprint)) throw new DomainError('IDEMPOTENCY_KEY_REUSED');
    return found?.order;
  }
}

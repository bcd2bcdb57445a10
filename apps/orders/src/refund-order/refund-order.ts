import { createHash, randomUUID } from 'node:crypto';
import { toBinary } from '@bufbuild/protobuf';
import { Injectable } from '@nestjs/common';
import { Refund_Reason as Reason, type RefundOrderRequest, RefundOrderRequestSchema } from '#libs/contracts';
import { Database } from '#libs/database';
import { DomainError } from '#libs/errors';
import { Log } from '#libs/service';
import { OrderStore } from '../order.store.js';
import { type Refund, type RefundReason, requestRefund } from './refund.js';
import { RefundStore } from './refund.store.js';
import { RefundOrderProcess } from './refund-order.process.js';

export interface RefundOrderCall {
  readonly requestedBy: string;
  readonly request: RefundOrderRequest;
  readonly idempotencyKey: string;
}

/** Accepts refunds: each request under one key makes at most one, and all of an order never exceed its total. */
@Injectable()
export class RefundOrder {
  constructor(
    private readonly database: Database,
    private readonly orders: OrderStore,
    private readonly refunds: RefundStore,
    private readonly process: RefundOrderProcess,
    private readonly log: Log,
  ) {}

  async refund(call: RefundOrderCall): Promise<Refund> {
    if (!(await this.orders.find(call.request.id))) throw new DomainError('ORDER_NOT_FOUND');
    return this.database.transaction(() => this.accept(call));
  }

  /** Under the lock of the order: of refunds that come at the same time, each sees those before it. */
  private async accept({ requestedBy, request, idempotencyKey }: RefundOrderCall): Promise<Refund> {
    const order = await this.orders.lock(request.id);
    const fingerprint = createHash('sha256').update(toBinary(RefundOrderRequestSchema, request)).digest();
    const earlier = await this.refunds.findByKey(requestedBy, idempotencyKey);
    if (earlier?.fingerprint.equals(fingerprint)) return earlier.refund;
    if (earlier) throw new DomainError('IDEMPOTENCY_KEY_REUSED');
    const wanted = { id: randomUUID(), amount: request.amount, reason: reasonOf(request.reason) };
    const refund = requestRefund(order, wanted, { now: new Date() });
    // Without the lock of one order, the key may have gone to another one meanwhile.
    const inserted = await this.refunds.insert(refund, { requestedBy, idempotencyKey, fingerprint });
    if (!inserted) throw new DomainError('IDEMPOTENCY_KEY_REUSED');
    await this.orders.countRefund(order.id, refund.createTime);
    await this.process.begin(refund, requestedBy);
    this.database.afterCommit(() => this.tell(refund, requestedBy));
    return refund;
  }

  private tell({ id: refundId, orderId, amount, reason }: Refund, requestedBy: string): void {
    const { currencyCode, minorUnits } = amount;
    const told = { orderId, refundId, currencyCode, minorUnits: String(minorUnits), reason, requestedBy };
    this.log.info(told, 'refund accepted');
  }
}

const REASONS: Readonly<Record<Exclude<Reason, Reason.REASON_UNSPECIFIED>, RefundReason>> = {
  [Reason.REQUESTED_BY_CUSTOMER]: 'REQUESTED_BY_CUSTOMER',
  [Reason.NOT_DELIVERED]: 'NOT_DELIVERED',
  [Reason.NOT_AS_DESCRIBED]: 'NOT_AS_DESCRIBED',
  [Reason.DUPLICATE]: 'DUPLICATE',
  [Reason.FRAUDULENT]: 'FRAUDULENT',
  [Reason.GOODWILL]: 'GOODWILL',
};

function reasonOf(reason: Reason): RefundReason {
  if (reason === Reason.REASON_UNSPECIFIED) throw new Error('a refund without a reason passed validation');
  return REASONS[reason];
}

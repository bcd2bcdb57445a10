import { createHash } from 'node:crypto';
import type { Database } from '#libs/database';
import { adoptSaga } from '#libs/saga';
import type { OrderStore } from '../order.store.js';
import type { Refund } from '../refund-order/refund.js';
import type { RefundStore } from '../refund-order/refund.store.js';
import { refundOrderSaga } from '../refund-order/refund-order.saga.js';
import type { OrderPast } from './order-past.js';

/** Who asked for it, and under which key, no message tells. */
const UNKNOWN = 'recovery';

/** Refunds that were asked of payments and are not known here any more. Their ends come with the replies. */
export class RecoverRefunds {
  constructor(
    private readonly database: Database,
    private readonly orders: OrderStore,
    private readonly refunds: RefundStore,
  ) {}

  /** False for one that is there. */
  async recover({ command, time }: OrderPast['refunds'][number]): Promise<boolean> {
    const { refundId: id, orderId, amount } = command;
    if (!amount || (await this.refunds.find(id))) return false;
    const order = await this.orders.lock(orderId);
    const refund: Refund = {
      ...{ id, orderId, number: order.refunds.length + 1, reason: 'REQUESTED_BY_CUSTOMER' },
      amount: { currencyCode: amount.currencyCode, minorUnits: amount.minorUnits },
      ...{ status: { state: 'PENDING' }, createTime: time, updateTime: time },
    };
    const fingerprint = createHash('sha256').update(`recovered ${id}`).digest();
    await this.refunds.insert(refund, { requestedBy: UNKNOWN, idempotencyKey: `recovered ${id}`, fingerprint });
    await this.orders.countRefund(orderId, time);
    await this.begin(refund);
    return true;
  }

  private begin({ id, orderId, amount: { currencyCode, minorUnits } }: Refund): Promise<boolean> {
    const data = { orderId, refundId: id, amount: { currencyCode, minorUnits: String(minorUnits) } };
    const state = { phase: 'running', step: 'refund payment' } as const;
    return adoptSaga(this.database.withTables(), refundOrderSaga, { id, data, state, deadlineSeconds: 0 });
  }
}

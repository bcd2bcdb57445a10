import { Injectable } from '@nestjs/common';
import { Database } from '#libs/database';
import { DomainError } from '#libs/errors';
import { Outbox } from '#libs/messaging';
import { SagaEngine } from '#libs/saga';
import { ClosedCustomersStore } from '../close-customer/closed-customers.store.js';
import { REFUND_REJECTIONS, type Refund } from './refund.js';
import { RefundEnding } from './refund-ending.js';
import { type RefundOrderData, refundOrderSaga } from './refund-order.saga.js';

/** Runs refund-order. Add new versions of the table beside the old ones. */
@Injectable()
export class RefundOrderProcess {
  readonly saga: SagaEngine<RefundOrderData>;

  constructor(
    database: Database,
    outbox: Outbox,
    ending: RefundEnding,
    private readonly closed: ClosedCustomersStore,
  ) {
    this.saga = new SagaEngine({
      service: 'orders',
      database: database.withTables(),
      outbox,
      tables: [refundOrderSaga],
      refusals: REFUND_REJECTIONS,
      finish: (refundId, end) => ending.finish(refundId, end),
    });
  }

  /** Runs in the transaction that accepts the refund. Throws ACCOUNT_CLOSED when the requester's account is deleted. */
  async begin({ id: refundId, orderId, amount }: Refund, requestedBy: string): Promise<void> {
    // Keys of theirs are erased when their account is: none may come after that.
    if (!(await this.closed.admits(requestedBy))) throw new DomainError('ACCOUNT_CLOSED');
    const { currencyCode, minorUnits } = amount;
    const data = { orderId, refundId, amount: { currencyCode, minorUnits: String(minorUnits) } };
    // Its only step is the pivot: no deadline would act.
    await this.saga.start(refundId, data, 0);
  }
}

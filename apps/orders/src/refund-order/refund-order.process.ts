import { Injectable } from '@nestjs/common';
import { Database } from '#libs/database';
import { Outbox } from '#libs/messaging';
import { SagaEngine } from '#libs/saga';
import { REFUND_REJECTIONS, type Refund } from './refund.js';
import { RefundEnding } from './refund-ending.js';
import { type RefundOrderData, refundOrderSaga } from './refund-order.saga.js';

/** Runs refund-order. Add new versions of the table beside the old ones. */
@Injectable()
export class RefundOrderProcess {
  readonly saga: SagaEngine<RefundOrderData>;

  constructor(database: Database, outbox: Outbox, ending: RefundEnding) {
    this.saga = new SagaEngine({
      service: 'orders',
      database: database.withTables(),
      outbox,
      tables: [refundOrderSaga],
      refusals: REFUND_REJECTIONS,
      finish: (refundId, end) => ending.finish(refundId, end),
    });
  }

  /** Runs in the transaction that accepts the refund. */
  async begin({ id: refundId, orderId, amount }: Refund): Promise<void> {
    const { currencyCode, minorUnits } = amount;
    const data = { orderId, refundId, amount: { currencyCode, minorUnits: String(minorUnits) } };
    // Its only step is the pivot: no deadline would act.
    await this.saga.start(refundId, data, 0);
  }
}

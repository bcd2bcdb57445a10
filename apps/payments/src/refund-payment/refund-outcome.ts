import { Injectable } from '@nestjs/common';
import {
  PaymentRefundCompletedSchema,
  PaymentRefundedSchema,
  PaymentRefundRejectedSchema,
  PaymentRefundRejected_Reason as Reason,
} from '#libs/contracts';
import { Outbox, onceAbout } from '#libs/messaging';
import { LedgerStore } from '../ledger.store.js';
import { PaymentsStore } from '../payments.store.js';
import type { RefundResult } from '../provider-calls.js';
import type { Refund } from './refund.js';
import { RefundsStore } from './refunds.store.js';

/** What the provider's answer makes of a refund: state, ledger and fact in the transaction that runs. */
@Injectable()
export class RefundOutcome {
  constructor(
    private readonly payments: PaymentsStore,
    private readonly refunds: RefundsStore,
    private readonly ledger: LedgerStore,
    private readonly outbox: Outbox,
  ) {}

  /** The refund afterwards: PENDING as long as the result is unknown. One that has ended stays as it is. */
  async record({ id, orderId }: Refund, result: RefundResult): Promise<Refund> {
    const payment = await this.payments.lock(orderId);
    const refund = await this.refunds.find(id);
    if (!refund) throw new Error(`refund ${id} is not there any more`);
    if (refund.state !== 'PENDING' || result === 'unknown') return refund;
    const ended: Refund =
      result === 'refunded'
        ? { ...refund, state: 'SUCCEEDED' }
        : { ...refund, state: 'REJECTED', rejection: 'DECLINED' };
    await this.refunds.end(ended);
    if (ended.state === 'REJECTED') return ended;
    if (!payment) throw new Error(`refund ${id} succeeded without a payment`);
    const { amount } = refund;
    const minorUnits = await this.payments.giveBack(payment, amount.minorUnits);
    await this.ledger.postRefund(refund);
    const amountRefunded = { currencyCode: amount.currencyCode, minorUnits };
    const fact = { orderId, paymentId: payment.id, refundId: id, amount, amountRefunded };
    await this.outbox.publish(PaymentRefundedSchema, fact, { id: onceAbout(PaymentRefundedSchema, id) });
    return ended;
  }

  /** The answer to the command: the state says it all. A refund that is PENDING is not answered yet. */
  async reply({ id: refundId, orderId, state, rejection }: Refund): Promise<void> {
    if (state === 'SUCCEEDED') await this.outbox.publish(PaymentRefundCompletedSchema, { orderId, refundId });
    if (state !== 'REJECTED') return;
    const reason = Reason[rejection ?? 'REASON_UNSPECIFIED'];
    await this.outbox.publish(PaymentRefundRejectedSchema, { orderId, refundId, reason });
  }
}

import { Controller } from '@nestjs/common';
import { type RefundPayment, RefundPaymentSchema } from '#libs/contracts';
import { Database } from '#libs/database';
import { type Delivery, On } from '#libs/messaging';
import { injectTraceContext } from '#libs/telemetry';
import type { Amount } from '../payment.js';
import { PaymentsStore } from '../payments.store.js';
import { CLOSING } from '../tries.js';
import { AskRefund } from './ask-refund.js';
import { type Refund, rejectionOf } from './refund.js';
import { RefundOutcome } from './refund-outcome.js';
import { RefundsStore } from './refunds.store.js';

/**
 * Gives back an amount, once. The intent is committed first, under the lock of the payment: refunds that come at the same
 * time never promise more than was captured. Then the provider is called, then the result is committed. Where the
 * provider does not answer, the command is done with and a background job goes on under the same key until it does.
 */
@Controller()
export class RefundPaymentHandler {
  constructor(
    private readonly database: Database,
    private readonly payments: PaymentsStore,
    private readonly refunds: RefundsStore,
    private readonly provider: AskRefund,
    private readonly outcome: RefundOutcome,
  ) {}

  @On(RefundPaymentSchema, { inbox: 'manual' })
  async handle({ orderId, refundId: id, amount }: RefundPayment, delivery: Delivery): Promise<void> {
    if (!amount) throw new Error(`RefundPayment ${id} of order ${orderId} has no amount`);
    const { currencyCode, minorUnits } = amount;
    const refund = await this.database.transaction(() => this.begin(id, orderId, { currencyCode, minorUnits }));
    const result = refund.state === 'PENDING' ? await this.provider.ask(refund, CLOSING) : 'unknown';
    await delivery.complete(async () => {
      const now = await this.outcome.record(refund, result);
      if (now.state === 'PENDING') await this.refunds.retryIn(id, 0, injectTraceContext());
      else await this.outcome.reply(now);
    });
  }

  /** The refund as it was begun first, whatever is asked under its id later. */
  private async begin(id: string, orderId: string, amount: Amount): Promise<Refund> {
    const payment = await this.payments.lock(orderId);
    const begun = await this.refunds.find(id);
    if (begun) return begun;
    const rejection = rejectionOf(payment, amount, await this.refunds.promised(orderId));
    const refund: Refund = { id, orderId, amount, state: rejection ? 'REJECTED' : 'PENDING', rejection };
    await this.refunds.insert(refund);
    return refund;
  }
}

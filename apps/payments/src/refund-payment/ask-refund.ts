import { Injectable } from '@nestjs/common';
import { Log } from '#libs/service';
import { PaymentsStore } from '../payments.store.js';
import { ProviderRefusedError } from '../provider.js';
import { ProviderCalls, type RefundResult } from '../provider-calls.js';
import type { TryPolicy } from '../tries.js';
import type { Refund } from './refund.js';

/** Asks the provider to give back the amount of a refund. */
@Injectable()
export class AskRefund {
  constructor(
    private readonly payments: PaymentsStore,
    private readonly calls: ProviderCalls,
    private readonly log: Log,
  ) {}

  /** `unknown`: it may have been given back; the same call under the same key finds it out. */
  async ask(refund: Refund, policy: TryPolicy): Promise<RefundResult> {
    const payment = await this.payments.find(refund.orderId);
    if (!payment) throw new Error(`refund ${refund.id} was begun without a payment`);
    return this.calls.refund(payment, refund, policy).catch((error: unknown): RefundResult => {
      if (!(error instanceof ProviderRefusedError)) throw error;
      // By our books the amount is there: a provider that says otherwise is for a person to look at.
      this.log.error({ orderId: refund.orderId, refundId: refund.id, err: error }, 'the provider refuses a refund');
      return 'declined';
    });
  }
}

import { Inject, Injectable } from '@nestjs/common';
import { Log } from '#libs/service';
import { meter, withSpan } from '#libs/telemetry';
import type { Payment } from './payment.js';
import { PaymentsStore } from './payments.store.js';
import { PAYMENT_PROVIDER, type PaymentProvider, type ProviderCall, ProviderRefusedError } from './provider.js';
import type { Refund } from './refund-payment/refund.js';
import { AUTHORIZING, type TryPolicy, tryAgain, UnknownResultError } from './tries.js';

export type RefundResult = 'refunded' | 'declined' | 'unknown';
export type Authorization = 'authorized' | 'declined' | 'refused' | 'unknown' | 'superseded';

const calls = meter('payments').createCounter('payments_provider_operations_total', {
  description: 'Operations asked of the payment provider, by operation and result.',
});

/** Calls of the provider, each under the key of its order and operation, or of its refund: however often repeated, it is one call. */
@Injectable()
export class ProviderCalls {
  constructor(
    @Inject(PAYMENT_PROVIDER) private readonly provider: PaymentProvider,
    private readonly payments: PaymentsStore,
    private readonly log: Log,
  ) {}

  /**
   * Holds the amount. `unknown`: four tries had no answer, the amount may be held. `refused`: the provider will never do
   * it, and that is no decline. `superseded`: the payment has moved on, nothing was asked.
   */
  authorize(payment: Payment, paymentMethod: string): Promise<Authorization> {
    return this.counted('authorize', () =>
      this.tryToAuthorize(payment, paymentMethod).catch((err: unknown): Authorization => {
        if (!(err instanceof ProviderRefusedError)) throw err;
        // Not the customer's doing: what we ask for, or our account there, is wrong. Every order may end like this.
        this.log.error({ orderId: payment.orderId, err }, 'the provider refuses to authorize');
        return 'refused';
      }),
    );
  }

  private tryToAuthorize(payment: Payment, paymentMethod: string): Promise<Authorization> {
    let { providerPaymentId: id } = payment;
    return tryAgain(AUTHORIZING, async (signal) => {
      id ??= await this.open(payment, signal);
      if (!id) return 'superseded';
      const result = await this.provider.authorize(id, paymentMethod, keyed(payment, 'authorize', signal));
      return result === 'canceled' ? 'declined' : result;
    });
  }

  /** True when the provider has taken the amount, false when nobody knows yet. */
  async capture(payment: Payment, policy: TryPolicy): Promise<boolean> {
    const id = opened(payment);
    const capture = (signal: AbortSignal) => this.provider.capture(id, keyed(payment, 'capture', signal));
    return 'done' === (await this.counted('capture', () => tryAgain(policy, capture).then(() => 'done' as const)));
  }

  /** True when the provider has let go what it held and will never hold it again, false when nobody knows yet. */
  async cancel(payment: Payment, policy: TryPolicy): Promise<boolean> {
    const id = opened(payment);
    const cancel = (signal: AbortSignal) => this.provider.cancel(id, keyed(payment, 'cancel', signal));
    return 'done' === (await this.counted('cancel', () => tryAgain(policy, cancel).then(() => 'done' as const)));
  }

  /** `unknown`: the amount may have been given back, nobody knows yet. */
  refund(payment: Payment, { id: refundId, amount }: Refund, policy: TryPolicy): Promise<RefundResult> {
    const id = opened(payment);
    const key = `refund-${refundId}`;
    const refund = (signal: AbortSignal) => this.provider.refund(id, amount, { key, signal });
    return this.counted('refund', () => tryAgain(policy, refund));
  }

  /** The id is written before anything can be held under it: then a crash cannot lead to a second authorization. */
  private async open(payment: Payment, signal: AbortSignal): Promise<string | undefined> {
    const id = await this.provider.open(payment, keyed(payment, 'open', signal));
    return (await this.payments.bind(payment.orderId, id)) ? id : undefined;
  }

  private counted<T extends string>(operation: string, work: () => Promise<T>): Promise<T | 'unknown'> {
    return withSpan(`payments.provider.${operation}`, {}, async (span) => {
      const result = await work().catch((error: unknown): 'unknown' => {
        if (error instanceof UnknownResultError) return 'unknown';
        calls.add(1, { operation, result: 'error' });
        throw error;
      });
      calls.add(1, { operation, result });
      span.setAttribute('payments.result', result);
      return result;
    });
  }
}

function keyed({ orderId }: Payment, operation: string, signal: AbortSignal): ProviderCall {
  return { key: `order-${orderId}-${operation}`, signal };
}

function opened({ id, providerPaymentId }: Payment): string {
  if (!providerPaymentId) throw new Error(`payment ${id} was never opened at the provider`);
  return providerPaymentId;
}

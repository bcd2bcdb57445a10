import { Controller } from '@nestjs/common';
import { type CapturePayment, CapturePaymentSchema } from '#libs/contracts';
import { Database } from '#libs/database';
import { type Delivery, On } from '#libs/messaging';
import { injectTraceContext } from '#libs/telemetry';
import { captureRequested, type Payment } from './payment.js';
import { PaymentMoves } from './payment-moves.js';
import { PaymentsStore } from './payments.store.js';
import { ProviderCalls } from './provider-calls.js';
import { Replies } from './replies.js';
import { CLOSING } from './tries.js';

/**
 * Takes the held amount. Where the provider does not answer, the command is done with and a background job goes on until
 * the provider has taken it, then gives the reply: a provider that is away must not hold up the orders behind this one.
 */
@Controller()
export class CapturePaymentHandler {
  constructor(
    private readonly database: Database,
    private readonly payments: PaymentsStore,
    private readonly calls: ProviderCalls,
    private readonly moves: PaymentMoves,
    private readonly replies: Replies,
  ) {}

  @On(CapturePaymentSchema, { inbox: 'manual' })
  async handle({ orderId }: CapturePayment, delivery: Delivery): Promise<void> {
    const payment = await this.database.transaction(() => this.request(orderId));
    const taken = payment.state === 'SUCCEEDED' || (await this.calls.capture(payment, CLOSING));
    await delivery.complete(() => this.record(orderId, taken));
  }

  private async request(orderId: string): Promise<Payment> {
    const payment = await this.payments.lock(orderId);
    if (!payment) throw new Error(`order ${orderId} has no payment to capture`);
    if (payment.state === 'SUCCEEDED') return payment;
    const requested = captureRequested(payment);
    await this.payments.save(requested);
    return requested;
  }

  private async record(orderId: string, taken: boolean): Promise<void> {
    const payment = await this.payments.lock(orderId);
    if (taken && payment?.pending === 'CAPTURE') await this.moves.move(payment, 'capture');
    if (taken || payment?.state === 'SUCCEEDED') await this.replies.captured(orderId);
    else await this.payments.retryIn(orderId, 0, injectTraceContext());
  }
}

import { Controller } from '@nestjs/common';
import { type AuthorizePayment, AuthorizePaymentSchema } from '#libs/contracts';
import { type Delivery, On } from '#libs/messaging';
import type { Payment } from './payment.js';
import { PaymentClosing } from './payment-closing.js';
import { PaymentMoves } from './payment-moves.js';
import { PaymentsStore } from './payments.store.js';
import { ProviderCalls } from './provider-calls.js';
import { Replies } from './replies.js';

/** What this delivery learned; the payment's state decides what it is worth. */
interface Learned {
  readonly move?: 'authorize' | 'decline';
  readonly released?: boolean;
}

/**
 * Holds the amount of an order, once. The intent is committed first, then the provider is called, then the result is
 * committed with ledger, reply and fact: killed anywhere, the next delivery repeats the same call under the same key.
 */
@Controller()
export class AuthorizePaymentHandler {
  constructor(
    private readonly payments: PaymentsStore,
    private readonly calls: ProviderCalls,
    private readonly closing: PaymentClosing,
    private readonly moves: PaymentMoves,
    private readonly replies: Replies,
  ) {}

  @On(AuthorizePaymentSchema, { inbox: 'manual' })
  async handle({ orderId, customerId, amount, paymentMethod }: AuthorizePayment, delivery: Delivery): Promise<void> {
    if (!amount) throw new Error(`AuthorizePayment of order ${orderId} has no amount`);
    const { currencyCode, minorUnits } = amount;
    const payment = await this.payments.begin({ orderId, customerId, amount: { currencyCode, minorUnits } });
    const learned = payment?.state === 'PROCESSING' ? await this.ask(payment, paymentMethod) : {};
    await delivery.complete(() => this.record(orderId, learned));
  }

  private async ask(payment: Payment, paymentMethod: string): Promise<Learned> {
    const result = await this.calls.authorize(payment, paymentMethod);
    if (result === 'authorized') return { move: 'authorize' };
    if (result === 'declined') return { move: 'decline' };
    if (result === 'superseded') return {};
    // An earlier try whose answer was lost may hold something, also where the last one was refused.
    const why = result === 'refused' ? 'refuse' : 'giveUp';
    return { released: await this.closing.giveUp(payment.orderId, why) };
  }

  /** A payment that was voided or given up meanwhile keeps that state: its cancel lets go what was held here. */
  private async record(orderId: string, { move, released }: Learned): Promise<void> {
    const payment = await this.payments.lock(orderId);
    const settled = payment?.state === 'PROCESSING' && move ? await this.moves.move(payment, move) : payment;
    if (settled && released) await this.moves.released(settled);
    await this.replies.authorization(orderId, settled);
  }
}

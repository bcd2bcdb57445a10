import { Controller } from '@nestjs/common';
import { type VoidPayment, VoidPaymentSchema } from '#libs/contracts';
import { type Delivery, On } from '#libs/messaging';
import { PaymentClosing } from './payment-closing.js';
import { PaymentMoves } from './payment-moves.js';
import { PaymentsStore } from './payments.store.js';
import { Replies } from './replies.js';

/**
 * Lets the held amount go and closes the order for payments. Always answered, also while the provider is away: the
 * decision is what the order waits for, and it stands. Only a payment that is being captured cannot be voided.
 */
@Controller()
export class VoidPaymentHandler {
  constructor(
    private readonly closing: PaymentClosing,
    private readonly payments: PaymentsStore,
    private readonly moves: PaymentMoves,
    private readonly replies: Replies,
  ) {}

  @On(VoidPaymentSchema, { inbox: 'manual' })
  async handle({ orderId }: VoidPayment, delivery: Delivery): Promise<void> {
    const released = await this.closing.void(orderId);
    await delivery.complete(async () => {
      const payment = await this.payments.lock(orderId);
      if (payment && released) await this.moves.released(payment);
      await this.replies.voided(orderId);
    });
  }
}

import { Injectable } from '@nestjs/common';
import { Database } from '#libs/database';
import { Log } from '#libs/service';
import { injectTraceContext } from '#libs/telemetry';
import type { Payment } from './payment.js';
import { PaymentMoves } from './payment-moves.js';
import { PaymentsStore } from './payments.store.js';
import { ProviderRefusedError } from './provider.js';
import { ProviderCalls } from './provider-calls.js';
import { CLOSING } from './tries.js';

/** Longer than all tries of a handler: the background job takes over only where the handler has ended. */
const HANDLER_SECONDS = 8;

/**
 * Ends a payment while the provider may hold something, also by a call that is still on its way. The order of things
 * makes it safe: first the decision is committed, from when on nobody asks for an authorization; then the provider is
 * told to cancel, which it also holds against an authorization that arrives later. Until it has acknowledged, the
 * cancel stays pending and a background job repeats it.
 */
@Injectable()
export class PaymentClosing {
  constructor(
    private readonly database: Database,
    private readonly payments: PaymentsStore,
    private readonly moves: PaymentMoves,
    private readonly calls: ProviderCalls,
    private readonly log: Log,
  ) {}

  /** Ends the order's payment, and the order for payments that have not begun. True when the provider acknowledged. */
  async void(orderId: string): Promise<boolean> {
    const ended = await this.database.transaction(async () => {
      await this.payments.close(orderId);
      const payment = await this.payments.lock(orderId);
      const over = !payment || payment.state === 'FAILED' || payment.state === 'CANCELED';
      return over ? payment : this.end(payment, 'void');
    });
    return this.cancel(ended);
  }

  /** Ends a payment whose authorization has no answer, or was refused. True when the provider acknowledged. */
  async giveUp(orderId: string, why: 'giveUp' | 'refuse' = 'giveUp'): Promise<boolean> {
    const ended = await this.database.transaction(async () => {
      const payment = await this.payments.lock(orderId);
      return payment?.state === 'PROCESSING' ? this.end(payment, why) : payment;
    });
    return this.cancel(ended);
  }

  private async end(payment: Payment, move: 'void' | 'giveUp' | 'refuse'): Promise<Payment> {
    const ended = await this.moves.move(payment, move);
    if (ended.pending) await this.payments.retryIn(payment.orderId, HANDLER_SECONDS, injectTraceContext());
    return ended;
  }

  private async cancel(payment: Payment | undefined): Promise<boolean> {
    if (payment?.pending !== 'CANCEL') return false;
    const released = await this.calls.cancel(payment, CLOSING).catch((error: unknown) => {
      if (!(error instanceof ProviderRefusedError)) throw error;
      // The order must not wait for a person; the job and the reconciliation go on reporting it.
      this.log.error({ orderId: payment.orderId, err: error }, 'the provider refuses to cancel');
      return false;
    });
    if (!released) await this.payments.retryIn(payment.orderId, 0);
    return released;
  }
}

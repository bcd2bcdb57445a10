import type { DescMessage } from '@bufbuild/protobuf';
import { Injectable } from '@nestjs/common';
import { PaymentCanceledSchema, PaymentFailedSchema, PaymentSucceededSchema } from '#libs/contracts';
import { Outbox, onceAbout } from '#libs/messaging';
import type { OrderEntry } from './ledger.js';
import { LedgerStore } from './ledger.store.js';
import { type Move, moved, type Payment } from './payment.js';
import { PaymentsStore } from './payments.store.js';

// The release of a hold is posted when the provider has acknowledged it: see `released`.
const ENTRIES: Readonly<Partial<Record<Move, OrderEntry>>> = { authorize: 'HOLD', capture: 'CAPTURE' };

/** Moves payments: state, ledger and fact in the transaction that runs. The payment must be locked by it. */
@Injectable()
export class PaymentMoves {
  constructor(
    private readonly payments: PaymentsStore,
    private readonly ledger: LedgerStore,
    private readonly outbox: Outbox,
  ) {}

  /** Throws IllegalMoveError where the payment's table has no such move. */
  async move(payment: Payment, move: Move): Promise<Payment> {
    const after = moved(payment, move);
    await this.payments.save(after);
    const entry = ENTRIES[move];
    if (entry) await this.ledger.post(entry, payment.orderId, payment.amount);
    await this.publishFact(after);
    return after;
  }

  /** The provider has acknowledged the cancel: it holds nothing any more. */
  async released(payment: Payment): Promise<void> {
    if (payment.pending !== 'CANCEL') return;
    await this.payments.save({ ...payment, pending: undefined });
    if (await this.ledger.isHeld(payment.orderId)) {
      await this.ledger.post('RELEASE', payment.orderId, payment.amount);
    }
  }

  private async publishFact({ id, orderId, state, amount }: Payment): Promise<void> {
    const fact = { orderId, paymentId: id };
    const once = (message: DescMessage) => ({ id: onceAbout(message, orderId) });
    if (state === 'SUCCEEDED')
      await this.outbox.publish(PaymentSucceededSchema, { ...fact, amount }, once(PaymentSucceededSchema));
    if (state === 'FAILED') await this.outbox.publish(PaymentFailedSchema, fact, once(PaymentFailedSchema));
    if (state === 'CANCELED') await this.outbox.publish(PaymentCanceledSchema, fact, once(PaymentCanceledSchema));
  }
}

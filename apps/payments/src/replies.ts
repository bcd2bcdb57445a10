import { Injectable } from '@nestjs/common';
import {
  PaymentAuthorizationRejectedSchema,
  PaymentAuthorizedSchema,
  PaymentCapturedSchema,
  PaymentVoidedSchema,
  PaymentAuthorizationRejected_Reason as Reason,
} from '#libs/contracts';
import { Outbox } from '#libs/messaging';
import type { Payment } from './payment.js';

/** Answers to commands, written in the transaction that runs. */
@Injectable()
export class Replies {
  constructor(private readonly outbox: Outbox) {}

  /** The state says it all, so that the same question always gets the same answer. `undefined`: closed beforehand. */
  async authorization(orderId: string, payment: Payment | undefined): Promise<void> {
    if (payment?.state === 'PROCESSING') throw new Error(`payment ${payment.id} is not yet authorized or refused`);
    if (payment?.state === 'REQUIRES_CAPTURE' || payment?.state === 'SUCCEEDED') {
      await this.outbox.publish(PaymentAuthorizedSchema, { orderId });
    } else {
      const reason = Reason[payment?.failureReason ?? 'VOIDED'];
      await this.outbox.publish(PaymentAuthorizationRejectedSchema, { orderId, reason });
    }
  }

  async voided(orderId: string): Promise<void> {
    await this.outbox.publish(PaymentVoidedSchema, { orderId });
  }

  async captured(orderId: string): Promise<void> {
    await this.outbox.publish(PaymentCapturedSchema, { orderId });
  }
}

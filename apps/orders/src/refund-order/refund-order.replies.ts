import { Controller } from '@nestjs/common';
import {
  type PaymentRefundCompleted,
  PaymentRefundCompletedSchema,
  type PaymentRefundRejected,
  PaymentRefundRejectedSchema,
} from '#libs/contracts';
import { On } from '#libs/messaging';
import { RefundOrderProcess } from './refund-order.process.js';

/** The answers of payments: each one ends its refund. */
@Controller()
export class RefundOrderReplies {
  private readonly saga;

  constructor(process: RefundOrderProcess) {
    this.saga = process.saga;
  }

  @On(PaymentRefundCompletedSchema)
  async completed(reply: PaymentRefundCompleted): Promise<void> {
    await this.saga.reply(reply.refundId, PaymentRefundCompletedSchema, reply);
  }

  @On(PaymentRefundRejectedSchema)
  async rejected(reply: PaymentRefundRejected): Promise<void> {
    await this.saga.reply(reply.refundId, PaymentRefundRejectedSchema, reply);
  }
}

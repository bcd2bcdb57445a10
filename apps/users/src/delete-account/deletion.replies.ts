import { Controller } from '@nestjs/common';
import {
  type CustomerClosed,
  CustomerClosedSchema,
  type PaymentCustomerForgotten,
  PaymentCustomerForgottenSchema,
  type StockCustomerForgotten,
  StockCustomerForgottenSchema,
} from '#libs/contracts';
import { On } from '#libs/messaging';
import { DeletionProcess } from './deletion.process.js';

/** The answers of the services: each one moves the deletion of its account. */
@Controller()
export class DeletionReplies {
  private readonly saga;

  constructor(process: DeletionProcess) {
    this.saga = process.saga;
  }

  @On(CustomerClosedSchema)
  async customerClosed(reply: CustomerClosed): Promise<void> {
    await this.saga.reply(reply.customerId, CustomerClosedSchema, reply);
  }

  @On(PaymentCustomerForgottenSchema)
  async forgottenInPayments(reply: PaymentCustomerForgotten): Promise<void> {
    await this.saga.reply(reply.customerId, PaymentCustomerForgottenSchema, reply);
  }

  @On(StockCustomerForgottenSchema)
  async forgottenInInventory(reply: StockCustomerForgotten): Promise<void> {
    await this.saga.reply(reply.customerId, StockCustomerForgottenSchema, reply);
  }
}

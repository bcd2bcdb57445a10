import { Controller } from '@nestjs/common';
import {
  type ForgetPaymentCustomer,
  ForgetPaymentCustomerSchema,
  PaymentCustomerForgottenSchema,
} from '#libs/contracts';
import { On, Outbox } from '#libs/messaging';
import { Log } from '#libs/service';
import { ForgetCustomerStore } from './forget-customer.store.js';

/**
 * Payments' part in the deletion of an account. Amounts, states and the ledger stay, by order: they are accounts that
 * have to be kept. Who paid is no longer among them.
 */
@Controller()
export class ForgetCustomerHandler {
  constructor(
    private readonly store: ForgetCustomerStore,
    private readonly outbox: Outbox,
    private readonly log: Log,
  ) {}

  @On(ForgetPaymentCustomerSchema)
  async handle({ customerId }: ForgetPaymentCustomer): Promise<void> {
    const payments = await this.store.forget(customerId);
    await this.outbox.publish(PaymentCustomerForgottenSchema, { customerId });
    this.log.info({ payments }, 'customer forgotten');
  }
}

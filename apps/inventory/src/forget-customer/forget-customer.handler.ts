import { Controller } from '@nestjs/common';
import { type ForgetStockCustomer, ForgetStockCustomerSchema, StockCustomerForgottenSchema } from '#libs/contracts';
import { On, Outbox } from '#libs/messaging';
import { Log } from '#libs/service';
import { ForgetCustomerStore } from './forget-customer.store.js';

/** Inventory's part in the deletion of an account. What orders did with stock stays; for whom, nobody can tell then. */
@Controller()
export class ForgetCustomerHandler {
  constructor(
    private readonly store: ForgetCustomerStore,
    private readonly outbox: Outbox,
    private readonly log: Log,
  ) {}

  @On(ForgetStockCustomerSchema)
  async handle({ customerId }: ForgetStockCustomer): Promise<void> {
    const reservations = await this.store.forget(customerId);
    await this.outbox.publish(StockCustomerForgottenSchema, { customerId });
    this.log.info({ reservations }, 'customer forgotten');
  }
}

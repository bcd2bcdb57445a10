import { Controller } from '@nestjs/common';
import { type CloseCustomer, CloseCustomerSchema } from '#libs/contracts';
import { On } from '#libs/messaging';
import { ClosedCustomersStore } from './closed-customers.store.js';

/** Orders' part in the deletion of an account: from now on nothing is accepted; see CustomerClosing for the rest. */
@Controller()
export class CloseCustomerHandler {
  constructor(private readonly customers: ClosedCustomersStore) {}

  @On(CloseCustomerSchema)
  async handle({ customerId }: CloseCustomer): Promise<void> {
    await this.customers.close(customerId);
  }
}

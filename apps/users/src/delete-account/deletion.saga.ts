import { z } from 'zod';
import {
  CloseCustomerSchema,
  CustomerClosedSchema,
  ForgetPaymentCustomerSchema,
  ForgetStockCustomerSchema,
  PaymentCustomerForgottenSchema,
  StockCustomerForgottenSchema,
} from '#libs/contracts';
import { command, defineSaga } from '#libs/saga';

/** What the deletion of an account carries from step to step: its id, and nothing that is personal. */
export const DeletionData = z.object({ userId: z.uuid() });
export type DeletionData = z.infer<typeof DeletionData>;

const customer = ({ userId }: DeletionData) => ({ customerId: userId });

/**
 * How an account is deleted in all services. It only goes forward, from its first command on, and never gives up: there is
 * no deadline, and no step can be refused. Orders come first: while one is open, payments and inventory need to know
 * whose it is. Users itself comes last, when nobody else knows the customer any more.
 */
export const deletionSaga = defineSaga({
  name: 'delete-account',
  version: 1,
  data: DeletionData,
  steps: [
    {
      name: 'close customer',
      command: command(CloseCustomerSchema, customer),
      success: [CustomerClosedSchema],
      pivot: true,
    },
    {
      name: 'forget in payments',
      command: command(ForgetPaymentCustomerSchema, customer),
      success: [PaymentCustomerForgottenSchema],
    },
    {
      name: 'forget in inventory',
      command: command(ForgetStockCustomerSchema, customer),
      success: [StockCustomerForgottenSchema],
    },
  ],
});

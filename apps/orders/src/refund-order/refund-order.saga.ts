import { z } from 'zod';
import {
  PaymentRefundCompletedSchema,
  PaymentRefundRejectedSchema,
  PaymentRefundRejected_Reason as Reason,
  RefundPaymentSchema,
} from '#libs/contracts';
import { command, defineSaga, refusal } from '#libs/saga';
import type { RefundRejection } from './refund.js';

/** What refund-order carries, as JSON. */
export const RefundOrderData = z.object({
  orderId: z.uuid(),
  refundId: z.uuid(),
  amount: z.object({ currencyCode: z.string(), minorUnits: z.string().regex(/^\d+$/) }),
});
export type RefundOrderData = z.infer<typeof RefundOrderData>;

const refundPayment = command(RefundPaymentSchema, ({ orderId, refundId, amount }: RefundOrderData) => ({
  orderId,
  refundId,
  amount: { currencyCode: amount.currencyCode, minorUnits: BigInt(amount.minorUnits) },
}));

/** Why payments' refusal ends a refund. */
export const refundRefusal = (reason: Reason): RefundRejection =>
  reason === Reason.DECLINED ? 'DECLINED' : 'NOT_REFUNDABLE';

/**
 * How money goes back; one instance per refund, kept by its id. One step, the pivot: no deadline and no cancellation
 * calls it back, only payments' answer ends it. Its place for what a return of goods will add.
 */
export const refundOrderSaga = defineSaga({
  name: 'refund-order',
  version: 1,
  data: RefundOrderData,
  steps: [
    {
      name: 'refund payment',
      command: refundPayment,
      success: [PaymentRefundCompletedSchema],
      failure: [refusal(PaymentRefundRejectedSchema, (reply) => refundRefusal(reply.reason))],
      pivot: true,
    },
  ],
});

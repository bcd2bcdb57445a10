import {
  PaymentAuthorizationRejectedSchema,
  PaymentAuthorizedSchema,
  PaymentCapturedSchema,
  PaymentVoidedSchema,
  StockClaimedSchema,
  StockHeldSchema,
  StockHoldRejectedSchema,
  StockReleasedSchema,
  StockReservationRejectedSchema,
  StockReservedSchema,
} from '#libs/contracts';
import { defineSaga, refusal } from '#libs/saga';
import * as send from './place-order.commands.js';
import { paymentRefusal, stockRefusal } from './refusal-reasons.js';

const releaseStock = { command: send.releaseStock, done: StockReleasedSchema };
const voidPayment = { command: send.voidPayment, done: PaymentVoidedSchema };

/**
 * How an accepted order becomes a confirmed one, or is undone. To add a step: a command here and in
 * place-order.commands.ts, a handler for its replies in place-order.replies.ts, and a new version.
 */
export const placeOrderSaga = defineSaga({
  name: 'place-order',
  version: 1,
  data: send.PlaceOrderData,
  steps: [
    {
      name: 'reserve stock',
      command: send.reserveStock,
      success: [StockReservedSchema],
      failure: [refusal(StockReservationRejectedSchema, (reply) => stockRefusal(reply.reason))],
      undo: releaseStock,
    },
    {
      name: 'authorize payment',
      command: send.authorizePayment,
      success: [PaymentAuthorizedSchema],
      failure: [refusal(PaymentAuthorizationRejectedSchema, (reply) => paymentRefusal(reply.reason))],
      undo: voidPayment,
      forgets: ['paymentMethod'],
    },
    {
      name: 'hold stock',
      command: send.holdStock,
      success: [StockHeldSchema],
      failure: [refusal(StockHoldRejectedSchema, () => 'EXPIRED')],
      undo: releaseStock,
    },
    { name: 'capture payment', command: send.capturePayment, success: [PaymentCapturedSchema], pivot: true },
    { name: 'claim stock', command: send.claimStock, success: [StockClaimedSchema] },
  ],
});

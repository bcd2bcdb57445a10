import { PaymentAuthorizationRejected_Reason, StockReservationRejected_Reason } from '#libs/contracts';
import type { RejectionReason } from '../order.js';

/** Why inventory's refusal to reserve ends an order. */
export function stockRefusal(reason: StockReservationRejected_Reason): RejectionReason {
  // RELEASED answers a reservation that lost against its own release: such an order is already on its way back.
  return reason === StockReservationRejected_Reason.RELEASED ? 'EXPIRED' : 'OUT_OF_STOCK';
}

/** Why payments' refusal to authorize ends an order. */
export function paymentRefusal(reason: PaymentAuthorizationRejected_Reason): RejectionReason {
  switch (reason) {
    case PaymentAuthorizationRejected_Reason.DECLINED:
      return 'PAYMENT_DECLINED';
    case PaymentAuthorizationRejected_Reason.VOIDED:
      return 'EXPIRED';
    default:
      return 'PAYMENT_UNAVAILABLE';
  }
}

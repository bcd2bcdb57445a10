import { PaymentAuthorizationRejected_Reason, StockReservationRejected_Reason } from '#libs/contracts';
import { isRejectionReason } from '../order.js';
import { statusAfter } from './order-ending.js';
import { paymentRefusal, stockRefusal } from './refusal-reasons.js';

const refused = (reason: string) => ({ phase: 'compensated', cause: { kind: 'refused', step: 's', reason } }) as const;

describe('the end of place-order', () => {
  it.each([
    ['CONFIRMED', undefined, { phase: 'completed' } as const],
    ['CANCELLED', undefined, { phase: 'compensated', cause: { kind: 'cancelled' } } as const],
    ['REJECTED', 'EXPIRED', { phase: 'compensated', cause: { kind: 'deadline' } } as const],
    ['REJECTED', 'PAYMENT_DECLINED', refused('PAYMENT_DECLINED')],
  ])('is %s %s', (state, reason, end) => {
    expect(statusAfter(end)).toEqual(reason ? { state, reason } : { state });
  });

  it('refuses a reason that the API does not know', () => {
    expect(() => statusAfter(refused('MOON'))).toThrow('"s" was refused for no known reason: MOON');
  });

  it('has a reason that the API knows for every refusal of inventory and payments', () => {
    const stock = Object.values(StockReservationRejected_Reason).filter((value) => typeof value === 'number');
    const payment = Object.values(PaymentAuthorizationRejected_Reason).filter((value) => typeof value === 'number');
    const reasons = [...stock.map(stockRefusal), ...payment.map(paymentRefusal)];
    expect(reasons.filter((reason) => !isRejectionReason(reason))).toEqual([]);
    expect(paymentRefusal(PaymentAuthorizationRejected_Reason.DECLINED)).toBe('PAYMENT_DECLINED');
    expect(stockRefusal(StockReservationRejected_Reason.OUT_OF_STOCK)).toBe('OUT_OF_STOCK');
  });
});

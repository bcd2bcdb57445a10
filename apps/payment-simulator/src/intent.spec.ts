import { changeOf, type Intent, type Operation, refundRefusal, type Status } from './intent.js';

const intent = (status: Status): Intent => ({
  id: 'pi_1',
  orderId: 'o1',
  amount: 1999n,
  currency: 'usd',
  status,
  amountRefunded: 0n,
  createdAt: new Date(0),
});
const states: Status[] = [
  'requires_confirmation',
  'requires_payment_method',
  'requires_capture',
  'succeeded',
  'canceled',
];
const allowed = (operation: Operation) => states.filter((state) => changeOf(intent(state), operation) !== undefined);

describe("the provider's rules", () => {
  it('hold the amount when an intent is confirmed', () => {
    expect(changeOf(intent('requires_confirmation'), 'confirm')).toEqual({
      status: 'requires_capture',
      movement: { kind: 'authorization', held: 1999n, captured: 0n },
    });
  });

  it('hold nothing when the card is declined, and let another one be tried', () => {
    expect(changeOf(intent('requires_confirmation'), 'confirm', true)).toEqual({ status: 'requires_payment_method' });
    expect(changeOf(intent('requires_payment_method'), 'confirm')?.status).toBe('requires_capture');
  });

  it('take and let go only what is held', () => {
    expect(changeOf(intent('requires_capture'), 'capture')?.movement).toEqual({
      kind: 'capture',
      held: -1999n,
      captured: 1999n,
    });
    expect(changeOf(intent('requires_capture'), 'cancel')?.movement).toEqual({
      kind: 'release',
      held: -1999n,
      captured: 0n,
    });
    expect(changeOf(intent('requires_confirmation'), 'cancel')).toEqual({ status: 'canceled' });
  });

  it('give back what was captured, and no more in sum', () => {
    const taken = intent('succeeded');
    expect(refundRefusal(taken, 1999n)).toBeUndefined();
    expect(refundRefusal(taken, 2000n)).toBe('amount_too_large');
    expect(refundRefusal({ ...taken, amountRefunded: 1000n }, 999n)).toBeUndefined();
    expect(refundRefusal({ ...taken, amountRefunded: 1000n }, 1000n)).toBe('amount_too_large');
    expect(refundRefusal({ ...taken, amountRefunded: 1999n }, 1n)).toBe('charge_already_refunded');
    expect(refundRefusal(intent('requires_capture'), 1n)).toBe('charge_not_captured');
  });

  it('forbid everything else, above all to confirm what was canceled', () => {
    expect(allowed('confirm')).toEqual(['requires_confirmation', 'requires_payment_method']);
    expect(allowed('capture')).toEqual(['requires_capture']);
    expect(allowed('cancel')).toEqual(['requires_confirmation', 'requires_payment_method', 'requires_capture']);
  });
});

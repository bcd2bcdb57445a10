import { samplePayment as payment } from '../test/sample-payment.js';
import { captureRequested, expectedSums, isFinal, type Move, moved, type PaymentState } from './payment.js';

const STATES: PaymentState[] = ['PROCESSING', 'REQUIRES_CAPTURE', 'SUCCEEDED', 'CANCELED', 'FAILED'];
const MOVES: Move[] = ['authorize', 'decline', 'giveUp', 'refuse', 'capture', 'void'];

function legalMoves(state: PaymentState): string[] {
  return MOVES.flatMap((move) => {
    try {
      return [`${move} → ${moved(payment(state), move).state}`];
    } catch {
      return [];
    }
  });
}

describe('a payment', () => {
  it('moves only along its table', () => {
    expect(Object.fromEntries(STATES.map((state) => [state, legalMoves(state)]))).toEqual({
      PROCESSING: [
        ...['authorize → REQUIRES_CAPTURE', 'decline → FAILED', 'giveUp → FAILED', 'refuse → FAILED'],
        'void → CANCELED',
      ],
      REQUIRES_CAPTURE: ['capture → SUCCEEDED', 'void → CANCELED'],
      SUCCEEDED: [],
      CANCELED: [],
      FAILED: [],
    });
    expect(STATES.filter(isFinal)).toEqual(['SUCCEEDED', 'CANCELED', 'FAILED']);
  });

  it('says which move is illegal in which state', () => {
    expect(() => moved(payment('SUCCEEDED'), 'void')).toThrow('payment p1 is SUCCEEDED: it cannot void');
  });

  it('cannot be voided once its capture was asked for', () => {
    const asked = captureRequested(payment('REQUIRES_CAPTURE', { providerPaymentId: 'pi_1' }));
    expect(() => moved(asked, 'void')).toThrow('with a pending CAPTURE');
    expect(moved(asked, 'capture')).toMatchObject({ state: 'SUCCEEDED', pending: undefined });
  });

  it.each(STATES.filter((state) => state !== 'REQUIRES_CAPTURE'))('cannot be captured while %s', (state) => {
    expect(() => captureRequested(payment(state))).toThrow('cannot be captured');
  });

  it('leaves a cancel pending where the provider may hold something, and only there', () => {
    const known = { providerPaymentId: 'pi_1' };
    expect(moved(payment('PROCESSING', known), 'giveUp').pending).toBe('CANCEL');
    expect(moved(payment('PROCESSING', known), 'refuse').pending).toBe('CANCEL');
    expect(moved(payment('PROCESSING', known), 'void').pending).toBe('CANCEL');
    expect(moved(payment('REQUIRES_CAPTURE', known), 'void').pending).toBe('CANCEL');
    expect(moved(payment('PROCESSING', known), 'decline').pending).toBeUndefined();
    expect(moved(payment('PROCESSING'), 'giveUp').pending).toBeUndefined();
    expect(moved(payment('PROCESSING'), 'void').pending).toBeUndefined();
  });

  it('tells why it failed', () => {
    expect(moved(payment('PROCESSING'), 'decline').failureReason).toBe('DECLINED');
    expect(moved(payment('PROCESSING'), 'giveUp').failureReason).toBe('PROVIDER_UNAVAILABLE');
    expect(moved(payment('PROCESSING'), 'refuse').failureReason).toBe('PROVIDER_REFUSED');
    expect(moved(payment('PROCESSING'), 'authorize').failureReason).toBeUndefined();
  });

  it('is held only until it is captured, and stays captured when a part goes back', () => {
    const nothing = { held: 0n, captured: 0n, refunded: 0n };
    expect(expectedSums(payment('REQUIRES_CAPTURE'))).toEqual({ ...nothing, held: 1999n });
    expect(expectedSums(payment('SUCCEEDED'))).toEqual({ ...nothing, captured: 1999n });
    const partly = { ...nothing, captured: 1999n, refunded: 500n };
    expect(expectedSums(payment('SUCCEEDED', { refunded: 500n }))).toEqual(partly);
    expect(expectedSums(payment('CANCELED'))).toEqual(nothing);
  });
});

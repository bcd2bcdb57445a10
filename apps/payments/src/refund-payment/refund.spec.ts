import { samplePayment as payment } from '../../test/sample-payment.js';
import { rejectionOf } from './refund.js';

const dollars = (minorUnits: bigint) => ({ currencyCode: 'USD', minorUnits });

describe('a refund', () => {
  it('can be the whole of a captured payment, a part of it, and the rest', () => {
    expect(rejectionOf(payment('SUCCEEDED'), dollars(1999n), 0n)).toBeUndefined();
    expect(rejectionOf(payment('SUCCEEDED'), dollars(1n), 0n)).toBeUndefined();
    expect(rejectionOf(payment('SUCCEEDED'), dollars(999n), 1000n)).toBeUndefined();
  });

  it('is never more than is left, refunds under way included', () => {
    expect(rejectionOf(payment('SUCCEEDED'), dollars(2000n), 0n)).toBe('EXCEEDS_CAPTURED');
    expect(rejectionOf(payment('SUCCEEDED'), dollars(1000n), 1000n)).toBe('EXCEEDS_CAPTURED');
    expect(rejectionOf(payment('SUCCEEDED'), dollars(1n), 1999n)).toBe('EXCEEDS_CAPTURED');
  });

  it.each(['PROCESSING', 'REQUIRES_CAPTURE', 'CANCELED', 'FAILED'] as const)('has nothing of a %s payment', (state) => {
    expect(rejectionOf(payment(state), dollars(1n), 0n)).toBe('NOT_CAPTURED');
  });

  it('has nothing of a payment in another currency, or of none', () => {
    expect(rejectionOf(payment('SUCCEEDED'), { currencyCode: 'EUR', minorUnits: 1n }, 0n)).toBe('NOT_CAPTURED');
    expect(rejectionOf(undefined, dollars(1n), 0n)).toBe('NOT_CAPTURED');
  });
});

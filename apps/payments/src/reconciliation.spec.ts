import { samplePayment as payment } from '../test/sample-payment.js';
import { driftOf, heldInVain } from './reconciliation.js';

const nothing = { held: 0n, captured: 0n, refunded: 0n };
const taken = { held: 0n, captured: 1999n, refunded: 0n };
const held = { held: 1999n, captured: 0n, refunded: 0n };

describe('reconciliation', () => {
  it('is content when payment, ledger and provider agree', () => {
    expect(driftOf(payment('SUCCEEDED'), taken, [{ id: 'pi_1', ...taken }])).toEqual([]);
    expect(driftOf(payment('CANCELED'), nothing, [{ id: 'pi_1', ...nothing }])).toEqual([]);
    expect(driftOf(payment('FAILED'), nothing, [])).toEqual([]);
  });

  it('finds money that was taken twice, and a capture that the provider does not know', () => {
    const twice = [
      { id: 'pi_1', ...taken },
      { id: 'pi_2', ...taken },
    ];
    expect(driftOf(payment('SUCCEEDED'), taken, twice)).toEqual([
      { book: 'provider', sum: 'captured', expected: 1999n, found: 3998n },
    ]);
    expect(driftOf(payment('SUCCEEDED'), taken, [])).toHaveLength(1);
  });

  it('finds a ledger that differs from the payment', () => {
    expect(driftOf(payment('CANCELED'), held, [])).toEqual([
      { book: 'ledger', sum: 'held', expected: 0n, found: 1999n },
    ]);
  });

  it('finds what only one of the books has given back', () => {
    const refunded = { ...payment('SUCCEEDED'), refunded: 500n };
    const given = { ...taken, refunded: 500n };
    expect(driftOf(refunded, given, [{ id: 'pi_1', ...given }])).toEqual([]);
    expect(driftOf(refunded, given, [{ id: 'pi_1', ...taken }])).toEqual([
      { book: 'provider', sum: 'refunded', expected: 500n, found: 0n },
    ]);
    expect(driftOf(payment('SUCCEEDED'), given, [{ id: 'pi_1', ...taken }])).toEqual([
      { book: 'ledger', sum: 'refunded', expected: 0n, found: 500n },
    ]);
  });

  it('names what is held for an order that is over', () => {
    const atProvider = [
      { id: 'pi_1', ...nothing },
      { id: 'pi_2', ...held },
    ];
    expect(heldInVain(payment('FAILED'), atProvider).map(({ id }) => id)).toEqual(['pi_2']);
    expect(heldInVain(payment('REQUIRES_CAPTURE'), atProvider)).toEqual([]);
  });
});

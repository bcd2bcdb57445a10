import { stateAfter } from './adopt.js';
import { sampleSaga } from './sample-saga.js';

const RESERVE = 'inventory.ReserveStock.v1';
const AUTHORIZE = 'payments.AuthorizePayment.v1';
const RELEASE = 'inventory.ReleaseStock.v1';
const VOID = 'payments.VoidPayment.v1';
const CAPTURE = 'payments.CapturePayment.v1';
const standing = (...sent: string[]) => stateAfter(sampleSaga, new Set(sent));

describe('where a saga stands whose rows were lost', () => {
  it.each([
    ['the first step, when nothing is known but that it began', [], 'reserve'],
    ['the furthest step whose command was sent', [RESERVE, AUTHORIZE], 'authorize'],
    ['that step too when earlier commands are not known', [CAPTURE], 'capture'],
  ])('is %s', (_, sent, step) => {
    expect(standing(...sent)).toEqual({ phase: 'running', step });
  });

  it('is on its way back, waiting for the undos that were sent, when there are some among it', () => {
    const back = (...undoing: string[]) => ({ phase: 'compensating', undoing, cause: { kind: 'deadline' } });
    expect(standing(RESERVE, AUTHORIZE, VOID, RELEASE)).toEqual(back(RELEASE, VOID));
    // The payment was refused: nothing is to be voided.
    expect(standing(RESERVE, AUTHORIZE, RELEASE)).toEqual(back(RELEASE));
  });

  it('pays no heed to messages of others', () => {
    expect(standing(RESERVE, 'orders.OrderPlaced.v1')).toEqual({ phase: 'running', step: 'reserve' });
  });
});

import { stateAfter } from './adopt.js';
import { sampleSaga } from './sample-saga.js';

const RESERVE = 'inventory.ReserveStock.v1';
const AUTHORIZE = 'payments.AuthorizePayment.v1';
const CAPTURE = 'payments.CapturePayment.v1';
const after = (...sent: string[]) => stateAfter(sampleSaga, new Set(sent));

describe('where a saga stands whose rows were lost', () => {
  it.each([
    ['the first step, when nothing is known but that it began', [], 'reserve'],
    ['the furthest step whose command was sent', [RESERVE, AUTHORIZE], 'authorize'],
    ['that step too when earlier commands are not known', [CAPTURE], 'capture'],
  ])('is %s', (_, sent, step) => {
    expect(after(...sent)).toEqual({ phase: 'running', step });
  });

  it('is on its way back over everything that was sent, when an undo is among it', () => {
    expect(after(RESERVE, AUTHORIZE, 'payments.VoidPayment.v1')).toEqual({
      phase: 'compensating',
      undoing: ['payments.VoidPayment.v1', 'inventory.ReleaseStock.v1'],
      cause: { kind: 'deadline' },
    });
  });

  it('pays no heed to messages of others', () => {
    expect(after(RESERVE, 'orders.OrderPlaced.v1')).toEqual({ phase: 'running', step: 'reserve' });
  });
});

import { again, choicesOf, messageOf } from './choices.js';
import { defineSaga } from './define-saga.js';
import { begin, isOver, next, type SagaState } from './next.js';
import { onlyPivot, sampleSaga } from './sample-saga.js';

const REFUSALS = ['OUT_OF_STOCK', 'EXPIRED'];

/** Every state that choices alone can lead to. */
function reachable(): SagaState[] {
  const seen = new Map<string, SagaState>();
  const visit = (state: SagaState): void => {
    const key = JSON.stringify(state);
    if (seen.has(key)) return;
    seen.set(key, state);
    for (const choice of choicesOf(sampleSaga, state, REFUSALS)) {
      const message = messageOf(sampleSaga, state, choice);
      if (!message) throw new Error(`${JSON.stringify(choice)} stands for nothing`);
      const decision = next(sampleSaga, state, message);
      expect([state, choice, decision.verdict]).toEqual([state, choice, 'moved']);
      visit(decision.state);
    }
  };
  visit(begin(sampleSaga).state);
  return [...seen.values()];
}

describe('what a person may decide', () => {
  it('moves the saga whatever was chosen, and leads to an end from every state', () => {
    const states = reachable();
    expect(states.filter(isOver).length).toBeGreaterThan(1);
    for (const state of states) expect(isOver(state) || choicesOf(sampleSaga, state, REFUSALS).length > 0).toBe(true);
  });

  it('is only the way forward from a pivot on that nobody refuses', () => {
    for (const step of ['capture', 'claim']) {
      expect(choicesOf(sampleSaga, { phase: 'running', step }, REFUSALS)).toEqual([{ outcome: 'STEP_SUCCEEDED' }]);
    }
  });

  it('is also a refusal of a pivot that may be refused, and no way back', () => {
    const saga = defineSaga(onlyPivot);
    const { state } = begin(saga);
    const refused = { outcome: 'STEP_REFUSED', refusal: 'REFUSED' } as const;
    expect(choicesOf(saga, state, ['REFUSED'])).toEqual([{ outcome: 'STEP_SUCCEEDED' }, refused]);
    const message = messageOf(saga, state, refused);
    expect(message && next(saga, state, message).state).toEqual({
      phase: 'compensated',
      cause: { kind: 'refused', step: 'capture', reason: 'REFUSED' },
    });
  });

  it('is a refusal only for a reason that the owner can end with', () => {
    const offered = choicesOf(sampleSaga, { phase: 'running', step: 'reserve' }, []);
    expect(offered.map(({ outcome }) => outcome)).toEqual(['STEP_SUCCEEDED', 'TURN_BACK']);
  });
});

describe('sending again', () => {
  it('repeats what is waited for and leaves the state', () => {
    const running: SagaState = { phase: 'running', step: 'capture' };
    expect(again(sampleSaga, running)).toMatchObject({ state: running, commands: ['payments.CapturePayment.v1'] });
    const back: SagaState = {
      phase: 'compensating',
      undoing: ['payments.VoidPayment.v1', 'inventory.ReleaseStock.v1'],
      cause: { kind: 'deadline' },
    };
    expect(again(sampleSaga, back)).toMatchObject({ state: back, commands: back.undoing });
  });

  it('is impossible for a command whose content was erased, and says so', () => {
    expect(again(sampleSaga, { phase: 'running', step: 'authorize' })).toMatch(/paymentMethod was erased/);
  });

  it('is impossible after the end', () => {
    expect(again(sampleSaga, { phase: 'completed' })).toMatch(/has ended/);
  });
});

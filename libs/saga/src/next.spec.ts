import { StockHoldRejectedSchema } from '#libs/contracts';
import { defineSaga } from './define-saga.js';
import { begin, next, type SagaDecision, type SagaMessage } from './next.js';
import { onlyPivot, sampleDefinition, sampleSaga } from './sample-saga.js';
import { refusal } from './table.js';

const reply = (name: string, reason?: string): SagaMessage => ({ kind: 'reply', type: `${name}.v1`, reason });
const reserved = reply('inventory.StockReserved');
const authorized = reply('payments.PaymentAuthorized');
const captured = reply('payments.PaymentCaptured');
const released = reply('inventory.StockReleased');
const voided = reply('payments.PaymentVoided');
const deadline: SagaMessage = { kind: 'deadline' };
const cancel: SagaMessage = { kind: 'cancel' };

/** What each message led to, from the beginning. */
function play(...messages: SagaMessage[]): SagaDecision[] {
  const decisions = [begin(sampleSaga)];
  for (const message of messages) {
    const state = decisions[decisions.length - 1]?.state;
    if (state) decisions.push(next(sampleSaga, state, message));
  }
  return decisions;
}
const last = (...messages: SagaMessage[]) => play(...messages).pop();

describe('the way forward', () => {
  it('sends one command per step and completes after the last reply', () => {
    const decisions = play(reserved, authorized, captured, reply('inventory.StockClaimed'));
    expect(decisions.map((decision) => decision.commands)).toEqual([
      ['inventory.ReserveStock.v1'],
      ['payments.AuthorizePayment.v1'],
      ['payments.CapturePayment.v1'],
      ['inventory.ClaimStock.v1'],
      [],
    ]);
    expect(decisions.at(-1)?.state).toEqual({ phase: 'completed' });
  });

  it('forgets what a step was the last to need, with that step', () => {
    expect(play(reserved, authorized).map((decision) => decision.forget)).toEqual([[], ['paymentMethod'], []]);
  });

  it.each([
    ['a reply that came before', [reserved, reserved]],
    ['a reply of a step that was not sent', [captured]],
    ['the answer to an undo that was not sent', [released]],
    ['a reply of another saga', [reply('users.UserMoved')]],
  ])('ignores %s', (_, messages) => {
    expect(last(...messages)).toMatchObject({ verdict: 'ignored', commands: [] });
  });
});

describe('the way back', () => {
  it('ends at once when the first step is refused: nothing was done', () => {
    expect(last(reply('inventory.StockReservationRejected', 'SOLD_OUT'))).toMatchObject({
      commands: [],
      forget: ['paymentMethod'],
      state: { phase: 'compensated', cause: { kind: 'refused', step: 'reserve', reason: 'SOLD_OUT' } },
    });
  });

  it('undoes the steps before the refused one', () => {
    const refused = last(reserved, reply('payments.PaymentAuthorizationRejected', 'NO'));
    expect(refused?.commands).toEqual(['inventory.ReleaseStock.v1']);
    expect(refused?.state).toMatchObject({ phase: 'compensating', undoing: ['inventory.ReleaseStock.v1'] });
  });

  it.each([
    ['deadline', deadline, 'deadline'],
    ['cancellation', cancel, 'cancelled'],
  ])('undoes also the step that is not answered yet, newest first, on a %s', (_, message, kind) => {
    const back = last(reserved, message);
    expect(back?.commands).toEqual(['payments.VoidPayment.v1', 'inventory.ReleaseStock.v1']);
    expect(back?.state).toMatchObject({ phase: 'compensating', cause: { kind } });
  });

  it('ends when all undo commands are answered, in whichever order and however often', () => {
    const phases = play(reserved, cancel, released, released, voided).map((decision) => decision.state.phase);
    expect(phases.slice(-3)).toEqual(['compensating', 'compensating', 'compensated']);
  });

  it('ignores a success that comes after it turned back', () => {
    expect(last(reserved, deadline, authorized)?.verdict).toBe('ignored');
  });

  it('takes a second cancellation as said, and refuses one of an order that ends for another cause', () => {
    expect(last(cancel, cancel)?.verdict).toBe('ignored');
    expect(last(cancel, released, cancel)?.verdict).toBe('ignored');
    expect(last(deadline, cancel)?.verdict).toBe('refused');
  });

  it('is closed from the moment the pivot was written', () => {
    expect(last(reserved, authorized, cancel)?.verdict).toBe('refused');
    expect(last(reserved, authorized, deadline)?.verdict).toBe('ignored');
    expect(last(reserved, authorized, captured, cancel)?.verdict).toBe('refused');
  });
});

it('says which step a state names that the table does not have', () => {
  expect(() => next(sampleSaga, { phase: 'running', step: 'fly' }, deadline)).toThrow('sample v1 has no step "fly"');
});

describe('a pivot that may be refused', () => {
  const no = reply('payments.PaymentAuthorizationRejected', 'NO');

  it('ends the saga with the reason, and nothing is undone where nothing came before', () => {
    const table = defineSaga(onlyPivot);
    expect(next(table, begin(table).state, no)).toMatchObject({
      verdict: 'moved',
      commands: [],
      state: { phase: 'compensated', cause: { kind: 'refused', step: 'capture', reason: 'NO' } },
    });
  });

  it('is not called back by the deadline or a cancellation: only its reply decides', () => {
    const table = defineSaga(onlyPivot);
    const { state } = begin(table);
    expect(next(table, state, deadline).verdict).toBe('ignored');
    expect(next(table, state, cancel).verdict).toBe('refused');
    expect(next(table, state, captured).state).toEqual({ phase: 'completed' });
  });

  it('has the steps before it undone', () => {
    const steps = sampleDefinition.steps.map((step) =>
      step.pivot ? { ...step, failure: [refusal(StockHoldRejectedSchema, () => 'NO')] } : step,
    );
    const table = defineSaga({ ...sampleDefinition, steps });
    const refused = next(table, { phase: 'running', step: 'capture' }, reply('inventory.StockHoldRejected', 'NO'));
    expect(refused.commands).toEqual(['payments.VoidPayment.v1', 'inventory.ReleaseStock.v1']);
  });
});

import { Order_Reason, Order_State, Refund_State } from '#libs/contracts';
import type { SagaState } from '#libs/saga';
import { type Transition, transitionToProto } from './transition.js';

const transition = (cause: string, state: SagaState, more: Partial<Transition> = {}): Transition => ({
  refundId: undefined,
  cause,
  state,
  commands: [],
  time: new Date(1_750_000_000_123),
  ...more,
});
const rejected = { state: 'REJECTED', reason: 'PAYMENT_DECLINED' } as const;

describe('a move of an order', () => {
  it('was made while the order was PENDING, whatever became of it', () => {
    const commands = ['payments.AuthorizePayment.v1'];
    const move = transition(
      'inventory.StockReserved.v1',
      { phase: 'running', step: 'authorize payment' },
      { commands },
    );
    expect(transitionToProto(move, rejected)).toMatchObject({
      state: Order_State.PENDING,
      reason: Order_Reason.REASON_UNSPECIFIED,
      cause: 'StockReserved',
      step: 'authorize payment',
      commands: ['AuthorizePayment'],
      refundId: '',
    });
  });

  it('that ended it tells its state and reason', () => {
    const cause = { kind: 'refused', step: 'authorize payment', reason: 'PAYMENT_DECLINED' } as const;
    const move = transition('inventory.StockReleased.v1', { phase: 'compensated', cause });
    expect(transitionToProto(move, rejected)).toMatchObject({
      state: Order_State.REJECTED,
      reason: Order_Reason.PAYMENT_DECLINED,
      step: '',
    });
  });

  it.each([
    ['start', 'placed'],
    ['deadline', 'deadline'],
    ['operator: retry', 'operator: retry'],
  ])('names %s as %s', (cause, told) => {
    const move = transition(cause, { phase: 'running', step: 'reserve stock' });
    expect(transitionToProto(move, rejected).cause).toBe(told);
  });

  it.each([
    [{ phase: 'running', step: 'refund payment' }, Refund_State.PENDING],
    [{ phase: 'completed' }, Refund_State.SUCCEEDED],
    [{ phase: 'compensated', cause: { kind: 'deadline' } }, Refund_State.REJECTED],
  ] as const)('of a refund tells the state of that refund: %j', (state, refundState) => {
    const move = transition('start', state, { refundId: 'r1' });
    expect(transitionToProto(move, { state: 'CONFIRMED' })).toMatchObject({
      state: Order_State.CONFIRMED,
      cause: 'refund requested',
      refundId: 'r1',
      refundState,
    });
  });
});

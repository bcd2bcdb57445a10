import { acceptOrder, isTerminal, moveOrder, type Order, type OrderState, type OrderStatus } from './order.js';

const accepted = acceptOrder(
  { id: '0b1f', customerId: 'c1', lines: [], total: { currencyCode: 'USD', minorUnits: 1999n } },
  { now: new Date(0) },
);
const ends: OrderStatus[] = [
  { state: 'CONFIRMED' },
  { state: 'REJECTED', reason: 'OUT_OF_STOCK' },
  { state: 'CANCELLED' },
];

describe('an order', () => {
  it('begins PENDING, as change number 1', () => {
    expect(accepted).toMatchObject({ status: { state: 'PENDING' }, sequence: 1 });
  });

  it.each(ends)('may go from PENDING to $state, as the next change', (end) => {
    const moved = moveOrder(accepted, end, { now: new Date(5) });
    expect(moved).toMatchObject({ status: end, sequence: 2, updateTime: new Date(5), createTime: new Date(0) });
  });

  const illegal = ends.flatMap((from) =>
    [...ends, { state: 'PENDING' } as const].map((to): [OrderState, OrderState, Order, OrderStatus] => [
      from.state,
      to.state,
      moveOrder(accepted, from, { now: new Date(5) }),
      to,
    ]),
  );
  it.each(illegal)('never leaves %s for %s', (from, to, order, status) => {
    expect(() => moveOrder(order, status, { now: new Date(9) })).toThrow(`cannot go from ${from} to ${to}`);
  });

  it('is terminal in every state but PENDING', () => {
    const states: OrderState[] = ['PENDING', 'CONFIRMED', 'REJECTED', 'CANCELLED'];
    expect(states.filter(isTerminal)).toEqual(['CONFIRMED', 'REJECTED', 'CANCELLED']);
  });
});

import { RowBudget } from './row-budget.js';

describe('the rows that strangers cause in the audit log', () => {
  it('are 60 a minute, and 60 again in the next', () => {
    const budget = new RowBudget();
    const taken = (now: number) => Array.from({ length: 100 }, () => budget.take(now)).filter(Boolean).length;
    expect([taken(1_000_000), taken(1_059_999), taken(1_060_000)]).toEqual([60, 0, 60]);
  });
});

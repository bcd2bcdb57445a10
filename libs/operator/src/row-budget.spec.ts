import { RowBudget } from './row-budget.js';

describe('the rows that refused calls cause in the audit log', () => {
  it('are 60 a minute for each caller, and 60 again in the next', () => {
    const budget = new RowBudget();
    const taken = (caller: string, now: number) =>
      Array.from({ length: 100 }, () => budget.take(caller, now)).filter(Boolean).length;
    expect([taken('', 1_000_000), taken('vera', 1_000_000)]).toEqual([60, 60]);
    expect([taken('', 1_059_999), taken('', 1_060_000), taken('vera', 1_060_000)]).toEqual([0, 60, 60]);
  });
});

import { answersOf, figuresOf } from './figures.js';
import { CONFIRMED, type Outcome, wordsOf } from './outcome.js';

const ended = (at: number, took: number, answer = CONFIRMED): Outcome => ({ answer, submitted: at - took, ended: at });

describe('the figures of a load', () => {
  it('count the orders that ended in the window, also those that began before it', () => {
    const outcomes = [ended(999, 10), ended(1000, 900), ended(2500, 100), ended(2999, 100), ended(3000, 100)];
    expect(figuresOf(outcomes, { from: 1000, to: 3000 })).toMatchObject({
      seconds: 2,
      orders: 3,
      ordersPerSecond: 1.5,
    });
  });

  it('leave out what did not end CONFIRMED', () => {
    const outcomes = [ended(10, 5), ended(20, 5, '201 REJECTED'), ended(30, 5, '429 THROTTLED')];
    expect(figuresOf(outcomes, { from: 0, to: 1000 })).toMatchObject({ orders: 1, p99: 0.005 });
  });

  it('have percentiles by nearest rank: the value that half of them, and 99 of 100, do not exceed', () => {
    const outcomes = Array.from({ length: 200 }, (_, index) => ended(1000, (index + 1) * 10));
    expect(figuresOf(outcomes, { from: 0, to: 2000 })).toMatchObject({ p50: 1, p99: 1.98 });
  });

  it('have no percentile where no order ended', () => {
    expect(figuresOf([], { from: 0, to: 1000 })).toMatchObject({ ordersPerSecond: 0, p50: Number.NaN });
  });
});

describe('the answers to a load', () => {
  it('are counted by what they say, the most frequent first', () => {
    const outcomes = [ended(1, 1, '429 THROTTLED'), ended(1, 1), ended(2, 1)];
    expect(answersOf(outcomes)).toEqual([
      ['201 CONFIRMED', 2],
      ['429 THROTTLED', 1],
    ]);
  });

  it('are a status with the state of the order, the code of the problem, or nothing', () => {
    const answer = { headers: new Headers(), text: '' };
    expect(wordsOf({ ...answer, status: 201, body: { state: 'PENDING' } })).toBe('201 PENDING');
    expect(wordsOf({ ...answer, status: 503, body: { code: 'UNAVAILABLE' } })).toBe('503 UNAVAILABLE');
    expect(wordsOf({ ...answer, status: 502, body: undefined })).toBe('502');
  });
});

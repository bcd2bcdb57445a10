import { jest } from '@jest/globals';
import { CircuitBreaker } from './circuit-breaker.js';

describe('a circuit breaker', () => {
  beforeEach(() => void jest.useFakeTimers());
  afterEach(() => void jest.useRealTimers());

  /** Failures, spread over a time. */
  function fail(breaker: CircuitBreaker, times: number, ms: number): void {
    for (let count = 0; count < times; count++) {
      breaker.failed();
      jest.advanceTimersByTime(ms / times);
    }
  }

  it('is closed while calls are answered, however many fail in between', () => {
    const breaker = new CircuitBreaker();
    for (let round = 0; round < 10; round++) {
      fail(breaker, 19, 2_000);
      breaker.answered();
    }
    expect(breaker.wait()).toBe(0);
  });

  it('is not opened by many failures at once: those are the calls of one replica that died', () => {
    const breaker = new CircuitBreaker();
    fail(breaker, 500, 900);
    expect(breaker.wait()).toBe(0);
  });

  it('opens after failures over more than a second, and lets one call try each half a second or so', () => {
    const breaker = new CircuitBreaker();
    fail(breaker, 20, 1_100);
    breaker.failed();
    expect(breaker.wait()).toBeGreaterThan(0);
    let tried = 0;
    for (let ms = 0; ms < 10_000; ms += 10) {
      if (breaker.wait() === 0) tried += 1;
      jest.advanceTimersByTime(10);
    }
    expect(tried).toBeGreaterThanOrEqual(15);
    expect(tried).toBeLessThanOrEqual(25);
  });

  it('closes with the first answer', () => {
    const breaker = new CircuitBreaker();
    fail(breaker, 30, 3_000);
    expect(breaker.wait()).toBeGreaterThanOrEqual(0);
    breaker.answered();
    for (let count = 0; count < 10; count++) expect(breaker.wait()).toBe(0);
  });
});

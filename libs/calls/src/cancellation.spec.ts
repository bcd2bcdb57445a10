import { Cancellation } from './cancellation.js';

describe('a cancellation', () => {
  it('tells each listener once, and nobody who has left', () => {
    const cancellation = new Cancellation();
    const told: string[] = [];
    const leaving = () => told.push('who left');
    cancellation.addEventListener('abort', () => told.push('first'));
    cancellation.addEventListener('abort', leaving);
    cancellation.addEventListener('abort', () => told.push('second'));
    cancellation.removeEventListener('abort', leaving);
    expect(cancellation.aborted).toBe(false);
    cancellation.abort();
    cancellation.abort();
    expect(cancellation.aborted).toBe(true);
    expect(told).toEqual(['first', 'second']);
  });

  it('is an AbortSignal where one is needed, before and after it has happened', () => {
    const [before, after] = [new Cancellation(), new Cancellation()];
    const { signal } = before;
    expect(signal.aborted).toBe(false);
    for (const cancellation of [before, after]) cancellation.abort();
    expect([signal.aborted, after.signal.aborted]).toEqual([true, true]);
  });

  it('lets a listener leave while others are told', () => {
    const cancellation = new Cancellation();
    const told: number[] = [];
    const second = () => told.push(2);
    cancellation.addEventListener('abort', () => cancellation.removeEventListener('abort', second));
    cancellation.addEventListener('abort', second);
    cancellation.abort();
    expect(told).toEqual([]);
  });
});

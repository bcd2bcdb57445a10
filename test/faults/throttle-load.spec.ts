import { BURST, inOneBucket, RATE } from './throttle-load.js';

const steadily = (perSecond: number, from: number, to: number) =>
  Array.from({ length: Math.round((to - from) * perSecond) }, (_, index) => from + index / perSecond);

describe('what one bucket admits', () => {
  it('is burst + rate · seconds of a steady offer', () => {
    const expected = BURST + RATE * 10;
    expect(Math.abs(inOneBucket({ answers: steadily(4 * RATE, 0, 10) }) - expected)).toBeLessThanOrEqual(2);
  });

  it('is the burst once more after a pause, however long', () => {
    const answers = [...steadily(4 * RATE, 0, 1), ...steadily(4 * RATE, 9, 10)];
    expect(Math.abs(inOneBucket({ answers }) - 2 * (BURST + RATE))).toBeLessThanOrEqual(2);
  });
});

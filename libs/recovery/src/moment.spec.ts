import { momentOf } from './moment.js';

describe('the moment that a service is brought up from', () => {
  it.each([
    ['2026-01-02T03:04:05Z', '2026-01-02T03:04:05.000Z'],
    ['2026-01-02T03:04:05.678Z', '2026-01-02T03:04:05.678Z'],
    ['2026-01-02T03:04:05+02:00', '2026-01-02T01:04:05.000Z'],
  ])('is the same on every machine: %s', (text, moment) => {
    expect(momentOf(text).toISOString()).toBe(moment);
  });

  it.each([
    ['without a time zone', '2026-01-02T03:04:05'],
    ['without a time', '2026-01-02'],
    ['in other words', 'yesterday'],
    ['that no calendar has', '2026-13-02T03:04:05Z'],
    ['of the future', new Date(Date.now() + 60_000).toISOString()],
  ])('is refused %s', (_, text) => {
    expect(() => momentOf(text)).toThrow(`--since ${text} is no moment of the past; write it as 2026-11-22T21:00:00Z`);
  });
});

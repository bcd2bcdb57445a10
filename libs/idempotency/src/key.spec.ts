import { DomainError } from '#libs/errors';
import { fingerprintOf, isKept, keyFrom } from './index.js';

const outcome = (...values: string[]) => {
  try {
    return keyFrom(values);
  } catch (error) {
    return error instanceof DomainError ? [error.code, error.message] : error;
  }
};

describe('the Idempotency-Key header', () => {
  it('may be absent, bare or quoted', () => {
    expect(outcome()).toBeUndefined();
    expect(outcome('8e03978e-40d5')).toBe('8e03978e-40d5');
    expect(outcome(' "8e03978e-40d5" ')).toBe('8e03978e-40d5');
    expect(outcome('"a\\"b\\\\c"')).toBe('a"b\\c');
    expect(outcome('k'.repeat(255))).toBe('k'.repeat(255));
  });

  it.each([
    [[''], 'is empty'],
    [['""'], 'is empty'],
    [['k'.repeat(256)], 'is longer than 255 characters'],
    [['schlüssel'], 'has characters other than printable ASCII'],
    [['a\tb'], 'has characters other than printable ASCII'],
    [['a', 'b'], 'is given twice'],
  ])('is refused: %j', (values, problem) => {
    expect(outcome(...values)).toEqual(['IDEMPOTENCY_KEY_INVALID', `The Idempotency-Key header ${problem}.`]);
  });
});

describe('a fingerprint', () => {
  it('differs by method and by request', () => {
    const prints = [
      fingerprintOf('a', Buffer.from('1')),
      fingerprintOf('a', Buffer.from('2')),
      fingerprintOf('b', Buffer.from('1')),
    ].map((print) => Buffer.from(print).toString('hex'));
    expect(new Set(prints).size).toBe(3);
    expect(Buffer.from(fingerprintOf('a', Buffer.from('1'))).toString('hex')).toBe(prints[0]);
  });
});

describe('an answer', () => {
  it('is kept when trying again would not change it', () => {
    const statuses = [200, 201, 204, 301, 400, 401, 403, 404, 409, 422, 429, 499, 500, 503, 504];
    expect(statuses.filter(isKept)).toEqual([200, 201, 204, 400, 404, 409]);
  });
});

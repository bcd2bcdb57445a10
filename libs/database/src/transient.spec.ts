import { runInNewContext } from 'node:vm';
import { isTransient } from './transient.js';

const withCode = (code: string, message = 'x') => Object.assign(new Error(message), { code });

describe('whether an error passes by itself', () => {
  it.each(['08006', '57P01', '57P03', '40001', '40P01', '53300', 'ECONNREFUSED', 'ECONNRESET'])(
    'says yes to %s',
    (code) => {
      expect(isTransient(withCode(code))).toBe(true);
    },
  );

  it.each(['23505', '42P01', '22P02', '57014', 'ENOENT'])('says no to %s', (code) => {
    expect(isTransient(withCode(code))).toBe(false);
  });

  it.each(['Connection terminated unexpectedly', 'timeout exceeded when trying to connect'])(
    'knows what pg says without a code: %s',
    (message) => {
      expect(isTransient(new Error(message))).toBe(true);
    },
  );

  it('looks through causes, and not at programming errors', () => {
    expect(
      isTransient(new Error('wrapped', { cause: new TypeError('fetch failed', { cause: withCode('ECONNRESET') }) })),
    ).toBe(true);
    expect(isTransient(new TypeError('x is not a function'))).toBe(false);
    expect(isTransient('ECONNRESET')).toBe(false);
  });

  it('knows errors of another realm, as Node throws them under jest', () => {
    expect(isTransient(runInNewContext("Object.assign(new Error('refused'), { code: 'ECONNREFUSED' })"))).toBe(true);
  });
});

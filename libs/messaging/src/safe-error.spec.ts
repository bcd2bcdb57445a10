import { describeSafely } from './safe-error.js';

describe('what is said of an error in public', () => {
  it('is its type, code and place, never its message', () => {
    const error = Object.assign(new TypeError('card pm_card_visa of anna@example.com'), { code: '23505' });
    const text = describeSafely(error);
    expect(text).toMatch(/^TypeError \[23505\] at .*safe-error\.spec\.ts:\d+/);
    expect(text).not.toMatch(/pm_card|anna/);
  });

  it('holds for what is no error, and for messages of several lines', () => {
    expect(describeSafely('secret')).not.toContain('secret');
    expect(describeSafely(new Error('one\n    at secret (two)'))).not.toContain('secret');
  });
});

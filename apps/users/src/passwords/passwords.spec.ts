import { Passwords } from './passwords.js';

describe('passwords', () => {
  it('are verified against their own hash only, and never without one', async () => {
    const passwords = new Passwords();
    const hash = await passwords.hash('correct horse');
    expect(await passwords.verify(hash, 'correct horse')).toBe(true);
    expect(await passwords.verify(hash, 'Correct horse')).toBe(false);
    expect(await passwords.verify(undefined, 'correct horse')).toBe(false);
    expect(await passwords.verify(undefined, 'the password of nobody')).toBe(false);
  });

  it('get another hash each time', async () => {
    const passwords = new Passwords();
    expect(await passwords.hash('same')).not.toBe(await passwords.hash('same'));
  });

  it('are refused with a hint when too many wait, and all that were taken are answered', async () => {
    const passwords = new Passwords();
    const answers = await Promise.allSettled(Array.from({ length: 110 }, () => passwords.hash('x')));
    const refused = answers.filter((answer) => answer.status === 'rejected');
    expect(refused).toHaveLength(8);
    expect(refused[0]?.reason).toMatchObject({ code: 'THROTTLED', retryAfterSeconds: 1 });
    expect(await passwords.hash('later')).toContain('$argon2id$');
  }, 60_000);
});

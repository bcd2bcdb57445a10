import { enrolment, newTotpSecret, stepOfCode } from './totp-codes.js';

/** The secret of RFC 6238, appendix B; its codes there have eight digits, the last six of which are ours. */
const RFC_SECRET = Buffer.from('12345678901234567890');

it.each([
  [59, '287082'],
  [1_111_111_109, '081804'],
  [1_111_111_111, '050471'],
  [1_234_567_890, '005924'],
  [2_000_000_000, '279037'],
  [20_000_000_000, '353130'],
])('knows the code of RFC 6238 at %i s', (seconds, code) => {
  expect(stepOfCode(RFC_SECRET, code, seconds * 1000)).toBe(Math.floor(seconds / 30));
});

it('takes the code of the step before and of the next, as what they are, and no other', () => {
  const at = (seconds: number) => stepOfCode(RFC_SECRET, '050471', (1_111_111_111 + seconds) * 1000);
  const step = Math.floor(1_111_111_111 / 30);
  expect([at(-60), at(-30), at(0), at(30), at(60)]).toEqual([undefined, step, step, step, undefined]);
});

it.each(['', '28708', '2870822', '28708a', '٢٨٧٠٨٢', 'recovery-code'])('takes %j for no code', (code) => {
  expect(stepOfCode(RFC_SECRET, code, 59_000)).toBeUndefined();
});

it('tells an authenticator the secret in both forms', () => {
  const { secret, uri } = enrolment(RFC_SECRET, 'ada@shop.example');
  expect(secret).toBe('GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ');
  const { protocol, searchParams } = new URL(uri);
  expect(protocol).toBe('otpauth:');
  expect(decodeURIComponent(uri)).toContain('totp/INeedThatFast:ada@shop.example');
  expect(Object.fromEntries(searchParams)).toMatchObject({ secret, digits: '6', period: '30', algorithm: 'SHA1' });
});

it('makes secrets of 160 bits, another one each time', () => {
  expect(newTotpSecret()).toHaveLength(20);
  expect(newTotpSecret()).not.toEqual(newTotpSecret());
});

import { DomainError } from '#libs/errors';
import { decodePageToken, encodePageToken } from './page-token.js';

describe('a page token', () => {
  it('leads back to the sku it was made of', () => {
    expect(decodePageToken(encodePageToken('espresso-machine'))).toBe('espresso-machine');
  });

  it('is empty for the first page', () => {
    expect(decodePageToken('')).toBe('');
  });

  it.each([
    ...['x', 'espresso-machine', '%%%', `${encodePageToken('a')}=`, `${encodePageToken('a')}!`, 'e30', 'bnVsbA'],
    encodePageToken('a\0'),
  ])('is refused when it was not made here: %s', (token) => {
    expect(() => decodePageToken(token)).toThrow(DomainError);
  });
});

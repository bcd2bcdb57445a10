import { pageTokenAfter, readPageToken } from './page-token.js';

const cursor = { id: '5f0c1a52-94a6-4d4b-8b0a-2f5f6f8e8a11', createTime: new Date(1_750_000_000_123) };

/** A token of `cursor`, made for c1, with a number in it that no Date takes. */
function beyondAllDates(): string {
  const made = Buffer.from(pageTokenAfter(cursor, 'c1'), 'base64url').toString();
  return Buffer.from(made.replace('1750000000123', '8640000000000001')).toString('base64url');
}

it('leads back to the place it was made for', () => {
  expect(readPageToken(pageTokenAfter(cursor, 'c1'), 'c1')).toEqual(cursor);
});

it('begins at the first page when it is empty', () => {
  expect(readPageToken('', 'c1')).toBeUndefined();
});

it.each([
  ['of another customer', pageTokenAfter(cursor, 'c2')],
  ['that nobody made', 'bm9uc2Vuc2U'],
  ['of a time before all orders', pageTokenAfter({ ...cursor, createTime: new Date(-8.64e15) }, 'c1')],
  ['of a time beyond all dates', beyondAllDates()],
  ['with another content', Buffer.from('["x",1]').toString('base64url')],
])('refuses a token %s, naming the field', (_, token) => {
  expect(() => readPageToken(token, 'c1')).toThrow(
    expect.objectContaining({
      code: 'VALIDATION_FAILED',
      violations: [expect.objectContaining({ field: 'pageToken' })],
    }),
  );
});

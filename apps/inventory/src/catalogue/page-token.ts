import { DomainError } from '#libs/errors';

/** The token of the page that starts after `sku`. Opaque: clients may only hand it back. */
export function encodePageToken(sku: string): string {
  return Buffer.from(JSON.stringify({ after: sku })).toString('base64url');
}

/** The sku after which the page starts; empty for the first page. Throws VALIDATION_FAILED on a token not from here. */
export function decodePageToken(token: string): string {
  if (token === '') return '';
  const after = afterOf(Buffer.from(token, 'base64url').toString());
  // Comparing with our own encoding refuses what base64 decoders silently skip.
  // The same goes for U+0000, which no sku and no text of PostgreSQL has.
  if (after && !after.includes('\0') && encodePageToken(after) === token) return after;
  throw new DomainError('VALIDATION_FAILED', {
    violations: [{ field: 'pageToken', description: 'must be a nextPageToken of this list', reason: 'page_token' }],
  });
}

function afterOf(json: string): string | undefined {
  try {
    const parsed: unknown = JSON.parse(json);
    const after = typeof parsed === 'object' && parsed !== null && 'after' in parsed ? parsed.after : undefined;
    return typeof after === 'string' ? after : undefined;
  } catch {
    return undefined;
  }
}

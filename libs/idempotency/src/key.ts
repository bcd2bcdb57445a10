import { createHash } from 'node:crypto';
import { DomainError } from '#libs/errors';
import type { IdempotentRequest } from './answer.js';

const MAX_LENGTH = 255;

/**
 * The key in the values of Idempotency-Key headers, quoted (draft-ietf-httpapi-idempotency-key-header) or, as most
 * clients send it, bare. Undefined when there is none. Throws IDEMPOTENCY_KEY_INVALID.
 */
export function keyFrom(values: readonly string[]): string | undefined {
  if (values.length === 0) return undefined;
  if (values.length > 1) throw invalid('is given twice');
  const value = values[0]?.trim() ?? '';
  const key = /^"(.*)"$/s.exec(value)?.[1]?.replace(/\\(["\\])/g, '$1') ?? value;
  if (key === '') throw invalid('is empty');
  if (key.length > MAX_LENGTH) throw invalid(`is longer than ${MAX_LENGTH} characters`);
  if (!/^[\x20-\x7e]+$/.test(key)) throw invalid('has characters other than printable ASCII');
  return key;
}

/**
 * What is stored in place of a key. Clients choose their keys, and some put a name or an address into them: what is not
 * kept need not be forgotten when an account is deleted.
 */
export function storedKey({ principal, method, key }: Pick<IdempotentRequest, 'principal' | 'method' | 'key'>): string {
  return createHash('sha256')
    .update(JSON.stringify([principal, method, key]))
    .digest('base64url');
}

/** Tells whether a request under the same key is the same request. */
export function fingerprintOf(method: string, request: Uint8Array): Uint8Array {
  return createHash('sha256').update(method).update('\0').update(request).digest();
}

function invalid(problem: string): DomainError {
  return new DomainError('IDEMPOTENCY_KEY_INVALID', { message: `The Idempotency-Key header ${problem}.` });
}

import { percentDecode } from './query.js';

/**
 * The value of a path's variable, from how it was sent; undefined when its encoding is broken. In a value of several segments
 * `%2F` stays: the slashes in it separate segments (google/api/http.proto).
 */
export function decodeVariable(raw: string, multiSegment: boolean): string | undefined {
  if (!raw.includes('%')) return raw;
  if (!multiSegment) return percentDecode(raw);
  const pieces = raw.split(/(%2[fF])/).map((piece) => (/^%2f$/i.test(piece) ? piece : percentDecode(piece)));
  return pieces.includes(undefined) ? undefined : pieces.join('');
}

import { DomainError } from '#libs/errors';
import type { RawRequest } from '../http/raw.js';
import { RefusalWithHeaders } from '../problems/failure.js';

const JSON_TYPE = /^application\/(json|[\w.+-]+\+json)(\s*;\s*charset="?utf-8"?)?\s*$/i;
const JSON_OF_SOME_CHARSET = /^application\/(json|[\w.+-]+\+json)\s*;\s*charset\s*=/i;

/** Refuses by the announced length, before anything else is done for the request. */
export function limitSize({ headers }: RawRequest, maxBytes: number): void {
  if (Number(headers['content-length'] ?? 0) > maxBytes) throw tooLarge(maxBytes);
}

export const NO_BODY = Buffer.alloc(0);

export interface BodyRules {
  readonly maxBytes: number;
  /** Whatever the client calls it, it is read as JSON. */
  readonly anyType?: boolean;
}

/**
 * The whole body of a request that has one; a client that waits for "100 Continue" is sent that first. Rejects with
 * BODY_TOO_LARGE, UNSUPPORTED_MEDIA_TYPE unless it is JSON, CANCELLED when the client goes away.
 */
export async function readBody(
  request: RawRequest,
  { maxBytes, anyType = false }: BodyRules,
  response: { writeContinue(): void },
): Promise<Buffer> {
  const { headers, httpVersion } = request;
  checkEncoding(headers);
  if (!anyType) checkType(headers);
  if (headers.expect !== undefined && httpVersion !== '1.0') response.writeContinue();
  const chunks: Buffer[] = [];
  let length = 0;
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const take = (chunk: Buffer) => {
    length += chunk.length;
    if (length > maxBytes) reject(tooLarge(maxBytes));
    else chunks.push(chunk);
  };
  const lost = (cause?: unknown) => reject(new DomainError('CANCELLED', { cause }));
  // Listeners cost a tenth of what the stream's iterator does.
  request.on('data', take).once('end', resolve).once('error', lost).once('close', lost);
  try {
    await promise;
  } finally {
    // What is left is thrown away, so that the client can read its answer and use the connection again.
    request.off('data', take).off('close', lost).resume();
  }
  const [first = NO_BODY] = chunks;
  return chunks.length > 1 ? Buffer.concat(chunks, length) : first;
}

/** HTTP/1.1 says it by headers, HTTP/2 by the frame that ends the stream. */
export function hasBody({ headers, stream }: RawRequest): boolean {
  if (headers['content-length'] === '0') return false;
  if (stream) return !stream.endAfterHeaders;
  return headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined;
}

/** What would be accepted is told in headers (RFC 9110, 15.5.16). */
function checkEncoding(headers: RawRequest['headers']): void {
  const encoding = headers['content-encoding'] ?? 'identity';
  if (encoding.toLowerCase() !== 'identity') {
    const message = 'A body with a Content-Encoding is not accepted: send it as it is.';
    throw new RefusalWithHeaders('UNSUPPORTED_MEDIA_TYPE', { 'accept-encoding': 'identity' }, message);
  }
}

function checkType(headers: RawRequest['headers']): void {
  const type = headers['content-type'] ?? '';
  if (JSON_TYPE.test(type)) return;
  const accept = { accept: 'application/json' };
  const message = JSON_OF_SOME_CHARSET.test(type) ? 'The body must be UTF-8: leave the charset out.' : undefined;
  throw new RefusalWithHeaders('UNSUPPORTED_MEDIA_TYPE', accept, message);
}

function tooLarge(maxBytes: number): DomainError {
  return new DomainError('BODY_TOO_LARGE', { message: `The body is larger than ${maxBytes} bytes.` });
}

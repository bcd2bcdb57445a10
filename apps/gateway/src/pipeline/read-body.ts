import { DomainError } from '#libs/errors';
import type { RawRequest } from '../http/raw.js';
import { RefusalWithHeaders } from '../problems/failure.js';

const JSON_TYPE = /^application\/(json|[\w.+-]+\+json)(\s*;\s*charset="?utf-8"?)?\s*$/i;
const JSON_OF_SOME_CHARSET = /^application\/(json|[\w.+-]+\+json)\s*;\s*charset\s*=/i;

/** Refuses by the announced length, before anything else is done for the request. */
export function limitSize({ headers }: RawRequest, maxBytes: number): void {
  if (Number(headers['content-length'] ?? 0) > maxBytes) throw tooLarge(maxBytes);
}

/**
 * The whole body; `sendContinue` is called where the client waits for that before it sends one. Throws BODY_TOO_LARGE, UNSUPPORTED_MEDIA_TYPE unless it is JSON, CANCELLED when the
 * client goes away.
 */
export async function readBody(request: RawRequest, maxBytes: number, sendContinue: () => void): Promise<Buffer> {
  const { headers, httpVersion } = request;
  if (!hasBody(request)) return Buffer.alloc(0);
  checkType(headers);
  if (headers.expect !== undefined && httpVersion !== '1.0') sendContinue();
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of request.iterator({ destroyOnReturn: false })) {
      length += chunk.length;
      if (length > maxBytes) throw tooLarge(maxBytes);
      chunks.push(chunk);
    }
  } catch (error) {
    // The rest is thrown away, so that the client can read its answer and use the connection again.
    request.resume();
    throw error instanceof DomainError ? error : new DomainError('CANCELLED', { cause: error });
  }
  return Buffer.concat(chunks, length);
}

/** HTTP/1.1 says it by headers, HTTP/2 by the frame that ends the stream. */
function hasBody({ headers, stream }: RawRequest): boolean {
  if (headers['content-length'] === '0') return false;
  if (stream) return !stream.endAfterHeaders;
  return headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined;
}

/** What would be accepted is told in headers (RFC 9110, 15.5.16). */
function checkType(headers: RawRequest['headers']): void {
  const encoding = headers['content-encoding'] ?? 'identity';
  if (encoding.toLowerCase() !== 'identity') {
    const message = 'A body with a Content-Encoding is not accepted: send it as it is.';
    throw new RefusalWithHeaders('UNSUPPORTED_MEDIA_TYPE', { 'accept-encoding': 'identity' }, message);
  }
  const type = headers['content-type'] ?? '';
  if (JSON_TYPE.test(type)) return;
  const accept = { accept: 'application/json' };
  const message = JSON_OF_SOME_CHARSET.test(type) ? 'The body must be UTF-8: leave the charset out.' : undefined;
  throw new RefusalWithHeaders('UNSUPPORTED_MEDIA_TYPE', accept, message);
}

function tooLarge(maxBytes: number): DomainError {
  return new DomainError('BODY_TOO_LARGE', { message: `The body is larger than ${maxBytes} bytes.` });
}

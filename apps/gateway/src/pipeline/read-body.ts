import type { IncomingMessage } from 'node:http';
import { DomainError } from '#libs/errors';

const JSON_TYPE = /^application\/(json|[\w.+-]+\+json)(\s*;\s*charset="?utf-8"?)?\s*$/i;

/** Refuses by the announced length, before anything else is done for the request. */
export function limitSize({ headers }: IncomingMessage, maxBytes: number): void {
  if (Number(headers['content-length'] ?? 0) > maxBytes) throw tooLarge(maxBytes);
}

/** The whole body. Throws BODY_TOO_LARGE, UNSUPPORTED_MEDIA_TYPE unless it is JSON, CANCELLED when the client goes away. */
export async function readBody(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const { headers } = request;
  if (headers['content-length'] === undefined && headers['transfer-encoding'] === undefined) return Buffer.alloc(0);
  if (headers['content-length'] === '0') return Buffer.alloc(0);
  checkType(headers);
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

function checkType(headers: IncomingMessage['headers']): void {
  const encoding = headers['content-encoding'] ?? 'identity';
  if (encoding.toLowerCase() !== 'identity') {
    throw new DomainError('UNSUPPORTED_MEDIA_TYPE', { message: 'A body with a Content-Encoding is not accepted.' });
  }
  if (!JSON_TYPE.test(headers['content-type'] ?? '')) throw new DomainError('UNSUPPORTED_MEDIA_TYPE');
}

function tooLarge(maxBytes: number): DomainError {
  return new DomainError('BODY_TOO_LARGE', { message: `The body is larger than ${maxBytes} bytes.` });
}

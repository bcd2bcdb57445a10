import { DomainError } from '#libs/errors';
import type { RawRequest } from '../http/raw.js';
import { RefusalWithHeaders } from '../problems/failure.js';

const JSON_TYPE = /^application\/(json|[\w.+-]+\+json)(\s*;\s*charset="?utf-8"?)?\s*$/i;
const JSON_STREAM_TYPE = /^application\/(x-ndjson|jsonl)(\s*;\s*charset="?utf-8"?)?\s*$/i;
const JSON_OF_SOME_CHARSET = /^application\/(json|[\w.+-]+\+json)\s*;\s*charset\s*=/i;

/** Refuses by the announced length, before anything else is done for the request. */
export function limitSize({ headers }: RawRequest, maxBytes: number): void {
  if (Number(headers['content-length'] ?? 0) > maxBytes) throw tooLarge(maxBytes);
}

export const NO_BODY = Buffer.alloc(0);

/** What a body has to be: one document of JSON, many, or anything. */
export type BodyKind = 'json' | 'json-stream' | 'any';

export interface BodyOptions {
  readonly maxBytes: number;
  readonly kind: BodyKind;
}

/**
 * The whole body of a request that has one; a client that waits for "100 Continue" is sent that first. Rejects with
 * BODY_TOO_LARGE, UNSUPPORTED_MEDIA_TYPE, CANCELLED when the client goes away.
 */
export async function readBody(
  request: RawRequest,
  { maxBytes, kind }: BodyOptions,
  response: { writeContinue(): void },
): Promise<Buffer> {
  begin(request, kind, response);
  // It has told its end before: nothing more is going to be heard of it.
  if (request.destroyed) throw new DomainError('CANCELLED');
  const chunks: Buffer[] = [];
  let length = 0;
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  // Listeners cost a tenth of what the stream's iterator does.
  const take = (chunk: Buffer) => {
    length += chunk.length;
    if (length <= maxBytes) chunks.push(chunk);
    else ended(tooLarge(maxBytes));
  };
  // The stream closes right after its end, before anybody who awaits the promise is heard: no error is made for that.
  const ended = (error?: Error) => {
    request.off('data', take).off('end', whole).off('close', lost);
    if (error) reject(error);
    else resolve();
  };
  const whole = () => ended();
  const lost = (cause?: unknown) => ended(new DomainError('CANCELLED', { cause }));
  request.on('data', take).on('end', whole).once('error', lost).on('close', lost);
  try {
    await promise;
  } finally {
    // What is left is thrown away, so that the client can read its answer and use the connection again.
    request.resume();
  }
  const [first = NO_BODY] = chunks;
  return chunks.length > 1 ? Buffer.concat(chunks, length) : first;
}

/**
 * The body in pieces, as they are taken: no more is read from the connection meanwhile. What is left when nobody takes more is
 * thrown away. Throws what {@link readBody} rejects with.
 */
export async function* bodyPieces(
  request: RawRequest,
  { maxBytes, kind }: BodyOptions,
  response: { writeContinue(): void },
): AsyncGenerator<Buffer, void, void> {
  if (!hasBody(request)) return;
  begin(request, kind, response);
  let length = 0;
  try {
    for await (const chunk of request.iterator({ destroyOnReturn: false })) {
      length += chunk.length;
      if (length > maxBytes) throw tooLarge(maxBytes);
      yield chunk;
    }
  } catch (error) {
    throw error instanceof DomainError ? error : new DomainError('CANCELLED', { cause: error });
  } finally {
    request.resume();
  }
}

function begin({ headers, httpVersion }: RawRequest, kind: BodyKind, response: { writeContinue(): void }): void {
  checkType(headers, kind);
  if (headers.expect !== undefined && httpVersion !== '1.0') response.writeContinue();
}

/** HTTP/1.1 says it by headers, HTTP/2 by the frame that ends the stream. */
export function hasBody({ headers, stream }: RawRequest): boolean {
  if (headers['content-length'] === '0') return false;
  if (stream) return !stream.endAfterHeaders;
  return headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined;
}

/** What would be accepted is told in headers (RFC 9110, 15.5.16). */
function checkType(headers: RawRequest['headers'], kind: BodyKind): void {
  const encoding = headers['content-encoding'] ?? 'identity';
  if (encoding.toLowerCase() !== 'identity') {
    const message = 'A body with a Content-Encoding is not accepted: send it as it is.';
    throw new RefusalWithHeaders('UNSUPPORTED_MEDIA_TYPE', { 'accept-encoding': 'identity' }, message);
  }
  if (kind === 'any') return;
  const type = headers['content-type'] ?? '';
  if (JSON_TYPE.test(type) || (kind === 'json-stream' && JSON_STREAM_TYPE.test(type))) return;
  const accept = { accept: kind === 'json' ? 'application/json' : 'application/json, application/x-ndjson' };
  const message = JSON_OF_SOME_CHARSET.test(type) ? 'The body must be UTF-8: leave the charset out.' : undefined;
  throw new RefusalWithHeaders('UNSUPPORTED_MEDIA_TYPE', accept, message);
}

function tooLarge(maxBytes: number): DomainError {
  return new DomainError('BODY_TOO_LARGE', { message: `The body is larger than ${maxBytes} bytes.` });
}

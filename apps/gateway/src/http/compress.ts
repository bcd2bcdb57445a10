import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import type { EdgeRequest } from './edge-request.js';
import { qualitiesOf } from './qualities.js';
import { holdsSecret } from './secret-answers.js';

/** Below this, headers and the work of both sides cost more than the bytes that are saved. */
const THRESHOLD_BYTES = 1_024;
/** Of 0 to 11. 4 is as fast as gzip and smaller. */
const BROTLI_QUALITY = 4;
const COMPRESSIBLE = /^(application\/([\w.-]+\+)?json|text\/(html|css|javascript|plain)|image\/svg\+xml)\b/;

const brotli = promisify(brotliCompress);
const deflate = promisify(gzip);

const ENCODERS = {
  br: (body: Buffer) => brotli(body, { params: { [constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY } }),
  gzip: (body: Buffer) => deflate(body),
} as const;

interface Reply {
  getHeader(name: string): string | undefined;
  hasHeader(name: string): boolean;
  header(name: string, value: string): this;
  removeHeader(name: string): this;
}

/**
 * Compresses a whole answer as its client accepts it; undefined where it goes out as it is. Streams do: their messages would
 * wait in the compressor. Answers that carry secrets do too: their length would tell of them next to text that an attacker
 * has chosen (BREACH).
 */
export function compress(request: EdgeRequest, reply: Reply, payload: unknown): Promise<Buffer> | undefined {
  if (typeof payload !== 'string' && !Buffer.isBuffer(payload)) return undefined;
  if (!COMPRESSIBLE.test(reply.getHeader('content-type') ?? '') || reply.hasHeader('content-encoding'))
    return undefined;
  const { bound } = request.exchange;
  if (bound && holdsSecret(bound.operation.rpc.output)) return undefined;
  addVary(reply);
  if (Buffer.byteLength(payload) < THRESHOLD_BYTES) return undefined;
  const encoding = acceptedEncoding(request.headers['accept-encoding']);
  if (encoding === undefined) return undefined;
  reply.header('content-encoding', encoding).removeHeader('content-length');
  return ENCODERS[encoding](Buffer.from(payload));
}

/** The answer differs by the header, also where it was too short to be compressed. */
function addVary(reply: Reply): void {
  const vary = reply.getHeader('vary') ?? '';
  if (!/accept-encoding|\*/i.test(vary)) reply.header('vary', vary ? `${vary}, Accept-Encoding` : 'Accept-Encoding');
}

/** The better of ours that the client takes as gladly as any other (RFC 9110, 12.5.3). */
function acceptedEncoding(header: string | string[] | undefined): keyof typeof ENCODERS | undefined {
  const accepted = qualitiesOf([header ?? []].flat().join(','));
  const q = (name: string) =>
    accepted.find((item) => item.name === name)?.q ?? accepted.find((item) => item.name === '*')?.q ?? 0;
  const [br, gz] = [q('br'), q('gzip')];
  if (br === 0 && gz === 0) return undefined;
  return br >= gz ? 'br' : 'gzip';
}

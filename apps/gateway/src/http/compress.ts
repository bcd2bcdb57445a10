import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import type { FastifyReply, FastifyRequest } from 'fastify';
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

/**
 * Compresses a whole answer as its client accepts it. Streams are not: their messages would wait in the compressor. Answers
 * that carry secrets are not either: their length would tell of them next to text that an attacker has chosen (BREACH).
 */
export async function compress(request: FastifyRequest, reply: FastifyReply, payload: unknown): Promise<unknown> {
  const type = String(reply.getHeader('content-type') ?? '');
  if (!COMPRESSIBLE.test(type) || reply.hasHeader('content-encoding')) return payload;
  if (!Buffer.isBuffer(payload) && typeof payload !== 'string') return payload;
  const bound = request.exchange?.bound;
  if (bound && holdsSecret(bound.operation.rpc.output)) return payload;
  addVary(reply);
  const body = Buffer.from(payload);
  const encoding = body.length < THRESHOLD_BYTES ? undefined : acceptedEncoding(request.headers['accept-encoding']);
  if (encoding === undefined) return payload;
  reply.header('content-encoding', encoding).removeHeader('content-length');
  return ENCODERS[encoding](body);
}

/** The answer differs by the header, also where it was too short to be compressed. */
function addVary(reply: FastifyReply): void {
  const vary = [reply.getHeader('vary') ?? []].flat().join(', ');
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

import { isDeepStrictEqual } from 'node:util';
import { type DescService, equals, fromBinary, type Registry } from '@bufbuild/protobuf';
import type { Seen } from './backend.js';
import type { Answered } from './gateways.js';

const [DOUBLE, FLOAT] = ['\0\0\0\0\0\0\xf8\x3f', '\0\0\xc0\x3f'];
const NANS = [
  ['\x01\0\0\0\0\0\xf8\x7f', DOUBLE],
  ['\0\0\0\0\0\0\xf8\x7f', DOUBLE],
  ['\0\0\xc0\x7f', FLOAT],
] as const;

/** What came of one request at one gateway. */
export interface Outcome {
  readonly answered: Answered;
  readonly seen: Seen | undefined;
}

/** In what two outcomes differ; undefined when in nothing that clients or services can tell. */
export function difference(
  { theirs, ours }: { theirs: Outcome; ours: Outcome },
  service: DescService,
  registry: Registry,
): string | undefined {
  const [their, our] = [theirs.answered, ours.answered];
  if (their.status !== our.status) return `status ${their.status}, not ${our.status}`;
  if (theirs.seen?.rpc !== ours.seen?.rpc) return `${theirs.seen?.rpc} was called, not ${ours.seen?.rpc}`;
  if (theirs.seen && ours.seen && !sameMessage(theirs.seen, ours.seen, service, registry)) {
    return 'the service was sent another message';
  }
  if (their.contentType !== our.contentType) return `content type ${their.contentType}, not ${our.contentType}`;
  return sameBody(theirs, ours) ? undefined : 'the answer is another one';
}

function sameMessage(their: Seen, our: Seen, service: DescService, registry: Registry): boolean {
  if (their.bytes.equals(our.bytes)) return true;
  const desc = service.methods.find(({ name }) => name === their.rpc)?.input;
  if (!desc) throw new Error(`check.proto has no ${their.rpc}`);
  const [left, right] = [their, our].map(({ bytes }) => fromBinary(desc, withoutNan(bytes)));
  return !!left && !!right && equals(desc, left, right, { registry, unpackAny: true, unknown: true });
}

/** With 1.5 in its place: NaN is not equal to itself, and Go gives it other bits. */
function withoutNan(bytes: Buffer): Buffer {
  let text = bytes.toString('latin1');
  for (const [nan, number] of NANS) text = text.replaceAll(nan, number);
  return Buffer.from(text, 'latin1');
}

function sameBody({ seen, answered: their }: Outcome, { answered: our }: Outcome): boolean {
  const [left, right] = [parsed(their.body), parsed(our.body)];
  if (their.status < 400) return isDeepStrictEqual(left, right);
  // The words of a gateway are its own; those of the service are not.
  return isDeepStrictEqual(outlineOf(left, seen !== undefined), outlineOf(right, seen !== undefined));
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body, (_, value) => (Object.is(value, -0) ? 0 : value));
  } catch {
    return `no JSON: ${body}`;
  }
}

function outlineOf(error: unknown, isOfService: boolean): unknown {
  if (typeof error !== 'object' || error === null) return error;
  const { code, message, details, ...more } = error as Record<string, unknown>;
  if (isOfService) return error;
  return { code, message: typeof message, details: Array.isArray(details), more };
}

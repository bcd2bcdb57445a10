import { isDeepStrictEqual } from 'node:util';
import { type DescService, equals, fromBinary, type Registry, toBinary } from '@bufbuild/protobuf';
import type { Seen } from './backend.js';
import type { Answered } from './gateways.js';

const [NAN_OF_GO, NAN_OF_NODE] = ['010000000000f87f', '000000000000f87f'];

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
  const [left, right] = [fromBinary(desc, their.bytes), fromBinary(desc, our.bytes)];
  if (equals(desc, left, right, { registry, unpackAny: true, unknown: true })) return true;
  // NaN is not equal to itself, but the same: once with the bits that Go gives it.
  const [go, node] = [toBinary(desc, left), toBinary(desc, right)].map((bytes) => Buffer.from(bytes).toString('hex'));
  return go?.replaceAll(NAN_OF_GO, NAN_OF_NODE) === node;
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

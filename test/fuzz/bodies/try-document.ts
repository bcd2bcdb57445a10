import { fromBinary, toBinary } from '@bufbuild/protobuf';
import { DomainError } from '#libs/errors';
import type { HttpInput, MethodCodec } from '#libs/transcoding';
import { Random } from '../random.js';
import { type Document, documentFor } from './documents.js';
import { type BodyTarget, inputFor } from './targets.js';

/** A document that was tried. */
export interface Tried {
  readonly target: string;
  readonly document: Document;
  /** `accepted`, or the code of its refusal. */
  readonly outcome: string;
  readonly ms: number;
  /** What must never be; undefined when all is well. */
  readonly fault: string | undefined;
}

/** Far beyond what the longest of them takes, on a busy machine too. */
const SLOW_MS = 2_000;

/** Document number `index` of a seed, which is always the same, through both ways of the codec. */
export function tryDocument(index: number, seed: number, targets: readonly BodyTarget[]): Tried {
  const random = new Random(seed, index);
  const target = random.of(targets);
  const document = documentFor(target.route, random);
  const input = inputFor(target, document.bytes, random);
  const started = performance.now();
  let [outcome, fault] = compare(target, input);
  let ms = performance.now() - started;
  if (ms > SLOW_MS) {
    // Once more: the machine may have been elsewhere.
    const again = performance.now();
    compare(target, input);
    ms = Math.min(ms, performance.now() - again);
    if (ms > SLOW_MS) fault ??= `took ${ms.toFixed(0)} ms`;
  }
  return { target: target.name, document, outcome, ms, fault };
}

interface Read {
  readonly bytes?: Uint8Array;
  readonly refusal?: string;
}

function compare({ route, compiled, reflected }: BodyTarget, input: HttpInput): [outcome: string, fault?: string] {
  let fast: Read;
  let slow: Read;
  try {
    fast = read(compiled, input);
    slow = read(reflected, input);
  } catch (error) {
    return ['threw', `threw ${error instanceof Error ? error.stack : error}`];
  }
  if (fast.refusal !== slow.refusal) return ['unequal', `compiled: ${tell(fast)}; reflected: ${tell(slow)}`];
  if (!fast.bytes || !slow.bytes) return [fast.refusal?.split(' ', 1)[0] ?? ''];
  if (Buffer.compare(fast.bytes, slow.bytes) !== 0)
    return ['unequal', `compiled ${tell(fast)}; reflected: ${tell(slow)}`];
  const canonical = toBinary(route.rpc.input, fromBinary(route.rpc.input, slow.bytes));
  if (Buffer.compare(canonical, slow.bytes) !== 0) return ['unequal', `${tell(slow)} is not canonical`];
  // As an answer it may be of another type, and so no message at all: both ways have to say the same of it.
  const [one, other] = [compiled, reflected].map((codec) => answer(codec, canonical));
  return one === other ? ['accepted'] : ['unequal', `as an answer, compiled: ${one}; reflected: ${other}`];
}

function read(codec: MethodCodec, input: HttpInput): Read {
  try {
    return { bytes: codec.decode(input).bytes };
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    return { refusal: `${error.code} ${JSON.stringify(error.violations)}` };
  }
}

function answer(codec: MethodCodec, bytes: Uint8Array): string {
  try {
    return codec.encode(bytes).json.toString();
  } catch {
    return 'no message';
  }
}

const tell = ({ bytes, refusal }: Read) =>
  (bytes ? Buffer.from(bytes).toString('hex') : (refusal ?? '')).slice(0, 1_000);

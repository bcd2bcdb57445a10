import type { Route } from '#libs/transcoding';
import { Random } from './random.js';
import { wellFormed } from './requests.js';

/** What is written to one connection, and how. */
export interface FuzzCase {
  readonly kind: string;
  /** Written one after the other, each for itself. */
  readonly pieces: readonly Buffer[];
  /** The client goes away at once instead of waiting for answers. */
  readonly leaves: boolean;
}

export interface CaseContext {
  readonly seed: number;
  readonly routes: readonly Route[];
  readonly token: string | undefined;
}

type Maker = (random: Random, one: () => Buffer) => Buffer;

const MAKERS: Readonly<Record<string, Maker>> = {
  'well-formed': (_, one) => one(),
  mutated: (random, one) => mutate(one(), random),
  truncated: (random, one) => cut(one(), random),
  pipelined: (random, one) =>
    Buffer.concat(
      Array.from({ length: 2 + random.below(4) }, () => (random.chance(0.7) ? one() : mutate(one(), random))),
    ),
  'random behind a good one': (random, one) => Buffer.concat([one(), random.bytes(1 + random.below(200))]),
  random: (random) => random.bytes(1 + random.below(2_000)),
  'random lines': (random) =>
    Buffer.from(Array.from({ length: 1 + random.below(400) }, () => random.of(LINE_CHARS)).join(''), 'latin1'),
};
const LINE_CHARS = [
  ...'GETPOS /v1?&=%:;,HTTP1.0\r\n\t {}[]"\\\0\x7f\xff',
  '\r\n',
  '\r\n\r\n',
  ' HTTP/1.1\r\n',
  'Host: x\r\n',
];
const KINDS = Object.keys(MAKERS);

/** Case number `index`: always the same for the same seed and token. */
export function caseOf(index: number, { seed, routes, token }: CaseContext): FuzzCase {
  const random = new Random(seed, index);
  const kind = random.of(KINDS);
  const one = () => Buffer.from(wellFormed(routes, random, token), random.chance(0.9) ? 'utf8' : 'latin1');
  const bytes = MAKERS[kind]?.(random, one) ?? one();
  return { kind, pieces: random.chance(0.2) ? inPieces(bytes, random) : [bytes], leaves: random.chance(0.1) };
}

/** Up to eight small changes. */
export function mutate(bytes: Buffer, random: Random): Buffer {
  let changed = bytes;
  for (let left = 1 + random.below(8); left > 0; left--) {
    const at = random.below(changed.length + 1);
    const end = Math.min(changed.length, at + 1 + random.below(20));
    const [head, part, tail] = [changed.subarray(0, at), changed.subarray(at, end), changed.subarray(end)];
    const middle = random.of([
      () => [random.bytes(1)],
      () => [],
      () => [part, part],
      () => [random.bytes(random.below(10)), part],
      () => [Buffer.from(random.of(['\r\n', '\n', '\r', '\0', ' ', ':', '\r\n\r\n', '%', '"', '{', '0']))],
    ])();
    changed = Buffer.concat([head, ...middle, tail]);
  }
  return changed;
}

/** The beginning of it. */
export function cut(bytes: Buffer, random: Random): Buffer {
  return bytes.subarray(0, random.below(bytes.length));
}

function inPieces(bytes: Buffer, random: Random): Buffer[] {
  const places = Array.from({ length: 1 + random.below(4) }, () => random.below(bytes.length + 1)).sort(
    (a, b) => a - b,
  );
  return [0, ...places].map((from, index) => bytes.subarray(from, places[index] ?? bytes.length));
}

import type { Route } from '#libs/transcoding';
import { cut, mutate } from '../cases.js';
import type { Random } from '../random.js';
import { jsonOf } from '../values.js';
import { fitting, fittingField } from './fitting.js';
import { bodyMessage } from './targets.js';

/** A body that somebody may send. */
export interface Document {
  readonly kind: string;
  readonly bytes: Buffer;
}

type Maker = (random: Random, right: () => string, odd: () => string) => string | Buffer;

const TOKENS = [
  ...'{}[]:,"\\ \n-0129.eE',
  'null',
  'true',
  '"a"',
  '"\\u00',
  '\\ud800',
  '\ufeff',
  '{"',
  '":',
  '"name":',
  'é',
  '\0',
];
const LONG = 200_000;

const MAKERS: Readonly<Record<string, Maker>> = {
  fitting: (_, right) => right(),
  odd: (_random, _right, odd) => odd(),
  'one token another': (random, right) => swapToken(right(), random),
  mutated: (random, right) => mutate(Buffer.from(right()), random),
  'mutated and odd': (random, _right, odd) => mutate(Buffer.from(odd()), random),
  truncated: (random, right) => cut(Buffer.from(right()), random),
  'one behind the other': (_, right) => `${right()}${right()}`,
  tokens: (random) => Array.from({ length: 1 + random.below(60) }, () => random.of(TOKENS)).join(''),
  random: (random) => random.bytes(random.below(300)),
};
/** What gets far is tried most. */
const KINDS = [
  'fitting',
  'fitting',
  'fitting',
  'fitting',
  'one token another',
  'one token another',
  ...Object.keys(MAKERS),
];
const TOKEN = /"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*|true|false|null|[{}[\]:,]/g;

/** Few, for they cost more than all the others. */
const LONG_MAKERS: readonly ((random: Random) => string)[] = [
  (random) => '['.repeat(random.below(LONG)),
  (random) => '{"a":'.repeat(random.below(LONG)),
  (random) => `{"name":"${'\\u00e9x'.repeat(random.below(LONG / 4))}"}`,
  (random) => `{"tags":[${'"a",'.repeat(random.below(LONG / 4))}"b"]}`,
  (random) => `{"copies":${'9'.repeat(random.below(LONG))}}`,
  (random) => `{"labels":{${Array.from({ length: random.below(9_000) }, (_, i) => `"${i}":${i}`).join()}}}`,
  (random) => `{${Array.from({ length: random.below(9_000) }, (_, i) => `"x${i}":${i}`).join()}}`,
];

/** A document for the body of a route. */
export function documentFor(route: Route, random: Random): Document {
  if (random.chance(0.000_5)) return { kind: 'long', bytes: Buffer.from(random.of(LONG_MAKERS)(random)) };
  const kind = random.of(KINDS);
  const message = bodyMessage(route);
  const { body } = route;
  const right = () => (typeof body === 'object' ? fittingField(body, random, 0) : fitting(route.rpc.input, random));
  const odd = () => (message ? jsonOf(message, random) : right());
  const made = MAKERS[kind]?.(random, right, odd) ?? right();
  return { kind, bytes: typeof made === 'string' ? Buffer.from(made) : made };
}

/** A value, a name or a bracket where another one was. */
function swapToken(json: string, random: Random): string {
  const found = [...json.matchAll(TOKEN)];
  const { index, 0: old } = random.of(found);
  const other = random.chance(0.7) ? random.of(found)[0] : random.of(TOKENS);
  return json.slice(0, index) + other + json.slice(index + old.length);
}

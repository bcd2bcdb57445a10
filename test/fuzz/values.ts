import type { DescField, DescMessage } from '@bufbuild/protobuf';
import type { Random } from './random.js';

/** What breaks readers of JSON, of protobuf and of databases. */
const TEXTS = [
  '',
  'x',
  'mug',
  '0b6f4e55-5d4c-4c5c-8a0e-1f1a5f1b9a11',
  'a@b.example',
  '../../etc/passwd',
  "'; DROP TABLE orders; --",
  '\u0000',
  '\ud800',
  '💥'.repeat(50),
  'x'.repeat(5_000),
  '__proto__',
  'constructor',
  '%00%ff',
  '2026-01-01T00:00:00Z',
  '9999-99-99T99:99:99Z',
  '-1',
  '3.000000001s',
  'pm_card_visa',
  'lines,lines.sku,*',
];
const NUMBERS = [0, 1, -1, 2, 1e9, 2 ** 31, -(2 ** 31) - 1, 2 ** 53, 1e21, 1e308, 0.5, -0];

/** Some JSON for a message: sometimes what its fields want, sometimes anything. */
export function jsonOf(message: DescMessage, random: Random, depth = 0): string {
  const parts = message.fields.filter(() => random.chance(0.8)).map((field) => memberOf(field, random, depth));
  if (random.chance(0.1)) parts.push(`${JSON.stringify(random.of(TEXTS))}:${anyJson(random)}`);
  return `{${parts.join(',')}}`;
}

export function textOf(random: Random): string {
  return random.of(TEXTS);
}

function memberOf(field: DescField, random: Random, depth: number): string {
  const value = random.chance(0.1) ? anyJson(random) : fieldValue(field, random, depth);
  return `${JSON.stringify(random.chance(0.95) ? field.jsonName : field.name)}:${value}`;
}

function fieldValue(field: DescField, random: Random, depth: number): string {
  const one = () => (field.message && depth < 4 ? jsonOf(field.message, random, depth + 1) : scalar(random));
  if (field.fieldKind === 'list') return `[${Array.from({ length: random.below(4) }, one).join(',')}]`;
  return field.fieldKind === 'map' ? `{${JSON.stringify(textOf(random))}:${one()}}` : one();
}

function scalar(random: Random): string {
  return random.chance(0.6) ? JSON.stringify(random.of(TEXTS)) : String(random.of(NUMBERS));
}

function anyJson(random: Random): string {
  return random.of([
    () => 'null',
    () => 'true',
    () => scalar(random),
    () => '['.repeat(random.below(200)),
    () => `${'['.repeat(150)}${']'.repeat(150)}`,
    () => '{"a":1,"a":2}',
    () => '{"__proto__":{"x":1}}',
    () => '1e999',
    () => '9'.repeat(500),
    () => '"\\ud800"',
    () => '{"@type":"type.googleapis.com/google.protobuf.Any","value":{"@type":"x"}}',
  ])();
}

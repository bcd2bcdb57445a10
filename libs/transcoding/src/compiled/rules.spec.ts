import {
  create,
  createFileRegistry,
  createRegistry,
  type DescMessage,
  type FileRegistry,
  fromJson,
  type JsonObject,
} from '@bufbuild/protobuf';
import { FileDescriptorProtoSchema, FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import fc from 'fast-check';
import { fieldRules, messageRules, oneofRules } from '#libs/contracts';
import { violationsOf } from '#libs/service';
import { routeTo } from '../../test/route-to.js';
import { resolveFieldPath } from '../field-path.js';
import { parseTemplate } from '../template.js';
import { CompiledRequests } from './compiled-request.js';

const RUNS = Number(process.env.CODEC_RUNS ?? 150);

const TEXTS = [
  '',
  'a',
  'ab',
  'üü',
  '😀😀',
  'abc',
  'pm_x1',
  'A-9',
  '00000000-0000-4000-8000-00000000000A',
  'x'.repeat(32),
  'a\nb',
];
const NUMBERS = [0, 1, 2, 3, 10, -1];
const anyOf = (...of: string[]) => fc.constantFrom(...of.map((text) => JSON.parse(text) as JsonObject));

/** Rules of a field; what compiled code does not know is among them. */
const TEXT_RULES = anyOf(
  ...[
    '{"minLen":1}',
    '{"maxLen":2}',
    '{"len":2}',
    '{"minBytes":3}',
    '{"maxBytes":4}',
    '{"lenBytes":4}',
    '{"minLen":1,"maxLen":2}',
  ],
  ...[
    '{"pattern":"^pm_[A-Za-z0-9]+$"}',
    '{"pattern":"^[A-Z][0-9-]{0,3}$"}',
    '{"pattern":"a.b"}',
    '{"pattern":"^(a|b)+$"}',
    '{"pattern":"^[^a]$"}',
  ],
  ...[
    '{"uuid":true}',
    '{"uuid":false}',
    '{"tuuid":true}',
    '{"email":true}',
    '{"prefix":"a"}',
    '{"suffix":"b"}',
    '{"contains":"b"}',
  ],
  ...[
    '{"notContains":"b"}',
    '{"in":["a","ab"]}',
    '{"notIn":["a"]}',
    '{"const":"a"}',
    '{"const":""}',
    '{"example":["q"]}',
  ],
);
const NUMBER_RULES = anyOf(
  ...[
    '{"gt":1}',
    '{"gte":1}',
    '{"lt":2}',
    '{"lte":2}',
    '{"gte":1,"lte":2}',
    '{"gt":2,"lt":1}',
    '{"gte":2,"lte":2}',
    '{"const":1}',
    '{"const":0}',
  ],
  ...['{"in":[1,2]}', '{"notIn":[1]}', '{"in":[0]}', '{"gte":0}'],
);
const WHOLE = [
  'int32',
  'int64',
  'uint32',
  'uint64',
  'sint32',
  'sint64',
  'fixed32',
  'fixed64',
  'sfixed32',
  'sfixed64',
  'double',
  'float',
];

const HELD = { name: 'held', jsonName: 'held', number: 1, label: 'LABEL_OPTIONAL' };

interface Field {
  readonly type: string;
  readonly rules: JsonObject;
  readonly kind: 'single' | 'optional' | 'list';
  readonly more: JsonObject;
  readonly list: JsonObject;
  readonly values: readonly unknown[];
}

const more = anyOf(
  '{}',
  '{}',
  '{}',
  '{"required":true}',
  '{"ignore":"IGNORE_IF_ZERO_VALUE"}',
  '{"ignore":"IGNORE_ALWAYS"}',
);
const list = anyOf('{}', '{"minItems":1}', '{"maxItems":2}', '{"minItems":2,"maxItems":2}', '{"unique":true}');
const kind = fc.constantFrom('single', 'optional', 'list');
const fieldOf = (type: string, rules: fc.Arbitrary<JsonObject>, values: readonly unknown[]): fc.Arbitrary<Field> =>
  fc.record({ type: fc.constant(type), rules, kind, more, list, values: fc.constant(values) });
const field = fc.oneof(
  fieldOf('string', TEXT_RULES, TEXTS),
  fc
    .constantFrom(...WHOLE)
    .chain((type) =>
      fieldOf(type, NUMBER_RULES, type.startsWith('u') || type.startsWith('fixed') ? NUMBERS.slice(0, -1) : NUMBERS),
    ),
  fieldOf('enum', anyOf('{"definedOnly":true}', '{"in":[1]}', '{"notIn":[0]}', '{"const":1}'), [0, 1, 3]),
  fieldOf('bool', anyOf('{"const":true}', '{"const":false}'), [true, false]),
);

describe('rules that compiled code is sure of', () => {
  it('hold for the library too, and are most of what is valid', () => {
    const seen = { sure: 0, valid: 0 };
    const bodies = fc.array(
      fc.array(fc.option(fc.array(fc.nat(), { maxLength: 3 }), { nil: undefined }), { minLength: 3, maxLength: 3 }),
      {
        minLength: 20,
        maxLength: 20,
      },
    );
    fc.assert(
      fc.property(fc.array(field, { minLength: 1, maxLength: 3 }), bodies, (fields, many) => {
        const { registry, desc } = messageWith(fields);
        const requests = CompiledRequests.of(routeTo(desc), registry, undefined);
        for (const picks of many) {
          const body = bodyOf(fields, picks);
          const request = requests?.read({ variables: [], query: '', body: Buffer.from(JSON.stringify(body)) });
          if (!request) continue;
          const violations = violationsOf(desc, request.message());
          if (request.isSurelyValid) expect([body, violations]).toEqual([body, []]);
          seen.sure += request.isSurelyValid ? 1 : 0;
          seen.valid += violations.length === 0 ? 1 : 0;
        }
      }),
      { numRuns: RUNS },
    );
    expect(seen.sure).toBeGreaterThan(seen.valid * 0.5);
  });

  it('hold for the library too where variables fill nested fields', () => {
    const seen = { sure: 0, valid: 0 };
    const picks = fc.array(fc.nat(), { minLength: 10, maxLength: 10 });
    fc.assert(
      fc.property(field, fc.array(field, { maxLength: 2 }), picks, (first, others, many) => {
        const { registry } = messageWith([{ ...first, kind: 'single' }, ...others]);
        const desc = registry.getMessage('ruled.Holder');
        const [held] = desc?.fields ?? [];
        if (!desc || !held) throw new Error('no ruled.Holder');
        const variables = [resolveFieldPath(desc, 'held.f0')];
        for (const route of [routeTo(desc, held), { ...routeTo(desc), body: 'none' as const }]) {
          const template = parseTemplate('/v1/{held.f0}');
          const requests = CompiledRequests.of({ ...route, template, variables }, registry);
          for (const pick of many) {
            const value = encodeURIComponent(String(first.values[pick % first.values.length]));
            const request = requests?.read({ variables: [value], query: '', body: Buffer.of() });
            if (!request) continue;
            const violations = violationsOf(desc, request.message());
            if (request.isSurelyValid) expect([value, violations]).toEqual([value, []]);
            seen.sure += request.isSurelyValid ? 1 : 0;
            seen.valid += violations.length === 0 ? 1 : 0;
          }
        }
      }),
      { numRuns: RUNS },
    );
    expect(seen.sure).toBeGreaterThan(seen.valid * 0.3);
  });

  it.each<[string, JsonObject, unknown, boolean]>([
    ['a text of the right length, counted in code points', { string: { maxLen: 2 } }, '😀😀', true],
    ['one that is too long', { string: { maxLen: 2 } }, 'abc', false],
    ['a plain pattern', { string: { pattern: '^pm_[A-Za-z0-9_]+$' } }, 'pm_card', true],
    ['a pattern with more to it', { string: { pattern: '^(a|b)*$' } }, 'ab', false],
    ['a UUID', { string: { uuid: true } }, '01234567-89ab-4cde-8f01-23456789abcd', true],
    ['an address, which is for the library', { string: { email: true } }, 'a@b.example', false],
    ['what is not there and need not be', { string: { maxLen: 2 } }, undefined, true],
    ['what is not there and has to be', { string: { minLen: 1 } }, undefined, false],
    ['a rule in CEL', { cel: [{ id: 'x', message: 'x', expression: "this != 'a'" }] }, 'b', false],
  ])('%s', (_, rules, value, isSure) => {
    const { registry, desc } = messageWith([
      { type: 'string', rules: {}, kind: 'single', more: rules, list: {}, values: [] },
    ]);
    const body = Buffer.from(JSON.stringify({ f0: value }));
    const request = CompiledRequests.of(routeTo(desc), registry, undefined)?.read({ variables: [], query: '', body });
    expect(request?.isSurelyValid).toBe(isSure);
  });

  it('are none of a message as a whole, and of a oneof that must be set', () => {
    const cel = { cel: [{ id: 'x', message: 'x', expression: "this.f0 != 'a'" }] };
    const plain: Field = { type: 'string', rules: {}, kind: 'single', more: {}, list: {}, values: [] };
    const withRule = messageWith([plain], { options: { '[buf.validate.message]': cel } });
    const oneof = { oneofDecl: [{ name: 'choice', options: { '[buf.validate.oneof]': { required: true } } }] };
    const withOneof = messageWith([{ ...plain, more: {} }], oneof, { oneofIndex: 0 });
    const isSure = ({ registry, desc }: typeof withRule, body: string) =>
      CompiledRequests.of(routeTo(desc), registry, undefined)?.read({
        variables: [],
        query: '',
        body: Buffer.from(body),
      })?.isSurelyValid;
    expect(isSure(withRule, '{"f0":"b"}')).toBe(false);
    expect([isSure(withOneof, '{"f0":""}'), isSure(withOneof, '{}')]).toEqual([true, false]);
  });
});

function bodyOf(fields: readonly Field[], picks: readonly (readonly number[] | undefined)[]): Record<string, unknown> {
  const entries = fields.flatMap(({ kind, values }, index): [string, unknown][] => {
    const chosen = picks[index]?.map((pick) => values[pick % values.length]);
    if (!chosen || (kind !== 'list' && chosen.length === 0)) return [];
    return [[`f${index}`, kind === 'list' ? chosen : chosen[0]]];
  });
  return Object.fromEntries(entries);
}

function messageWith(
  fields: readonly Field[],
  message: JsonObject = {},
  ofField: JsonObject = {},
): { registry: FileRegistry; desc: DescMessage } {
  const optional = fields.flatMap(({ kind }, index) => (kind === 'optional' ? [`_f${index}`] : []));
  const json = fields.map(({ type, rules, kind, more, list }, index) => {
    const ofType = Object.keys(rules).length > 0 ? { [type]: rules } : {};
    const options =
      kind === 'list' && Object.keys(rules).length > 0 ? { repeated: { ...list, items: ofType } } : ofType;
    return {
      name: `f${index}`,
      jsonName: `f${index}`,
      number: index + 1,
      label: kind === 'list' ? 'LABEL_REPEATED' : 'LABEL_OPTIONAL',
      type: `TYPE_${type.toUpperCase()}`,
      ...(type === 'enum' && { typeName: '.ruled.Mood' }),
      ...(kind === 'optional' && { proto3Optional: true, oneofIndex: optional.indexOf(`_f${index}`) }),
      options: { '[buf.validate.field]': { ...options, ...more } },
      ...ofField,
    };
  });
  const file = fromJson(
    FileDescriptorProtoSchema,
    {
      name: 'ruled.proto',
      package: 'ruled',
      syntax: 'proto3',
      enumType: [
        {
          name: 'Mood',
          value: [
            { name: 'NONE', number: 0 },
            { name: 'HAPPY', number: 1 },
          ],
        },
      ],
      messageType: [
        { name: 'Ruled', field: json, oneofDecl: optional.map((name) => ({ name })), ...message },
        { name: 'Holder', field: [{ ...HELD, type: 'TYPE_MESSAGE', typeName: '.ruled.Ruled' }] },
      ],
    } as JsonObject,
    { registry: createRegistry(fieldRules, messageRules, oneofRules) },
  );
  const registry = createFileRegistry(create(FileDescriptorSetSchema, { file: [file] }));
  const desc = registry.getMessage('ruled.Ruled');
  if (!desc) throw new Error('no ruled.Ruled');
  return { registry, desc };
}

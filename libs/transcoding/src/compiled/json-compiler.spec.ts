import {
  create,
  createFileRegistry,
  type DescMessage,
  type FileRegistry,
  fromBinary,
  toBinary,
  toJson,
} from '@bufbuild/protobuf';
import { BinaryWriter } from '@bufbuild/protobuf/wire';
import { FileDescriptorProtoSchema, FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import fc from 'fast-check';
import { rootOf, schema } from '../../test/schema.js';
import { wireBytes } from '../../test/wire-bytes.js';
import { DEFAULT_FORM, type JsonForm } from '../json-form.js';
import { JsonShape, optionsOf } from '../json-shape.js';
import { JsonCompiler } from './json-compiler.js';

// CODEC_RUNS=20000 npm run test:unit -- json-compiler tries for minutes; fast-check prints the seed of what fails.
const RUNS = Number(process.env.CODEC_RUNS ?? 60);

const form: fc.Arbitrary<JsonForm> = fc.record({
  unpopulated: fc.constantFrom('without-presence', 'omitted', 'all'),
  names: fc.constantFrom('json', 'proto'),
  enums: fc.constantFrom('names', 'numbers'),
});

interface Api {
  readonly form: JsonForm;
  readonly registry: FileRegistry;
}

/** By reflection: the JSON, or that there is none. */
function slowly(desc: DescMessage, bytes: Uint8Array, { form, registry }: Api): string | undefined {
  try {
    const json = toJson(desc, fromBinary(desc, bytes), optionsOf(form, registry));
    return JSON.stringify(new JsonShape(form, registry).message(desc, json));
  } catch {
    return undefined;
  }
}

const cases = fc.tuple(schema, form).chain(([registry, form]) =>
  fc.record({
    api: fc.constant({ registry, form }),
    many: fc.array(wireBytes(rootOf(registry)), { minLength: 20, maxLength: 20 }),
    damage: fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 20, maxLength: 20 }),
  }),
);

describe('JSON by compiled code', () => {
  it('is what reflection writes, for messages of every kind of field, or is left to it', () => {
    fc.assert(
      fc.property(cases, ({ api, many }) => {
        const desc = rootOf(api.registry);
        const write = new JsonCompiler(api.registry, api.form).writer(desc);
        for (const bytes of many) {
          const slow = slowly(desc, bytes, api);
          expect([slow, undefined]).toContain(write?.(bytes)?.toString());
          if (slow === undefined || !write) continue;
          const canonical = toBinary(desc, fromBinary(desc, bytes), { writeUnknownFields: false });
          expect(write(canonical)?.toString()).toBe(slowly(desc, canonical, api));
        }
      }),
      { numRuns: RUNS },
    );
  });

  it('is never made of bytes that reflection refuses or reads in another way', () => {
    fc.assert(
      fc.property(cases, ({ api, many, damage }) => {
        const desc = rootOf(api.registry);
        const write = new JsonCompiler(api.registry, api.form).writer(desc);
        for (const [index, bytes] of many.entries()) {
          const [at, byte] = damage[index] ?? [0, 0];
          const broken = byte % 3 === 0 ? bytes.slice(0, at % (bytes.length + 1)) : bytes.slice();
          if (byte % 3 !== 0 && bytes.length > 0) broken[at % bytes.length] = byte;
          const fast = write?.(broken)?.toString();
          if (fast !== undefined) expect(fast).toBe(slowly(desc, broken, api));
        }
      }),
      { numRuns: RUNS },
    );
  });
});

/** A message with itself in it, a text and a number. */
function tree(): { registry: FileRegistry; desc: DescMessage } {
  const field = (name: string, number: number, more: object) => ({ name, jsonName: name, number, label: 1, ...more });
  const file = create(FileDescriptorProtoSchema, {
    name: 'tree.proto',
    package: 'tree',
    syntax: 'proto3',
    messageType: [
      {
        name: 'Node',
        field: [
          field('child', 2, { type: 11, typeName: '.tree.Node' }),
          field('text', 5, { type: 9 }),
          field('nodes', 7, { type: 11, typeName: '.tree.Node', label: 3 }),
        ],
      },
    ],
  });
  const registry = createFileRegistry(create(FileDescriptorSetSchema, { file: [file] }));
  const desc = registry.getMessage('tree.Node');
  if (!desc) throw new Error('no tree.Node');
  return { registry, desc };
}

describe('compiled code', () => {
  const { registry, desc } = tree();
  const api = { registry, form: DEFAULT_FORM };
  const write = new JsonCompiler(registry, DEFAULT_FORM).writer(desc);
  const nested = (depth: number): Uint8Array =>
    depth === 0
      ? new Uint8Array()
      : new BinaryWriter()
          .tag(2, 2)
          .bytes(nested(depth - 1))
          .finish();

  it('passes over the fields of a newer service, wherever they are', () => {
    const writer = new BinaryWriter().tag(1, 0).uint32(300).tag(2, 2).bytes(new Uint8Array());
    writer
      .tag(3, 1)
      .double(1)
      .tag(4, 5)
      .float(1)
      .tag(5, 2)
      .string('x')
      .tag(6, 2)
      .string('new')
      .tag(7, 2)
      .bytes(nested(1));
    const bytes = writer.tag(9, 2).string('y').tag(500_000, 0).bool(true).finish();
    expect(write?.(bytes)?.toString()).toBe(
      '{"child":{"text":"","nodes":[]},"text":"x","nodes":[{"child":{"text":"","nodes":[]},"text":"","nodes":[]}]}',
    );
    expect(write?.(bytes)?.toString()).toBe(slowly(desc, bytes, api));
  });

  it('leaves groups, fields out of order and tags of no field to reflection', () => {
    expect(write?.(new BinaryWriter().tag(9, 3).tag(9, 4).finish())).toBeUndefined();
    expect(write?.(new BinaryWriter().tag(5, 2).string('x').tag(2, 2).bytes(nested(1)).finish())).toBeUndefined();
    for (const bytes of [[0], [0x2a, 1, 0x61, 0], [0x80, 0], [0xff, 0xff, 0xff, 0xff, 0x1f, 0]]) {
      expect(write?.(Uint8Array.from(bytes))).toBeUndefined();
    }
  });

  it('stops where reflection stops: at 100 messages inside each other', () => {
    for (const depth of [10, 95, 98, 99, 100, 101, 200]) {
      const fast = write?.(nested(depth))?.toString();
      expect([fast ?? 'left', depth]).toEqual([(depth < 99 && slowly(desc, nested(depth), api)) || 'left', depth]);
    }
  });

  it('writes messages larger than any before', () => {
    for (const size of [60_000, 65_530, 65_536, 1_000_000, 10]) {
      for (const unit of ['x', '\u0001', 'ü']) {
        const bytes = new BinaryWriter().tag(5, 2).string(unit.repeat(size)).finish();
        expect(write?.(bytes)?.equals(Buffer.from(slowly(desc, bytes, api) ?? ''))).toBe(true);
      }
      const many = new BinaryWriter();
      for (let i = 0; i < size / 40; i++) many.tag(7, 2).bytes(nested(1));
      const bytes = many.finish();
      expect(write?.(bytes)?.equals(Buffer.from(slowly(desc, bytes, api) ?? ''))).toBe(true);
    }
  });
});

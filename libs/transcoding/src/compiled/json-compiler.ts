import { isUtf8 } from 'node:buffer';
import type { DescEnum, DescField, DescMessage, Registry } from '@bufbuild/protobuf';
import type { JsonForm } from '../json-form.js';
import { generate } from './generation.js';
import { giveUp } from './give-up.js';
import { enumWriter, foreignWriter, JSON_RUNTIME, type MessageWriter } from './json-runtime.js';
import { JsonSource } from './json-source.js';
import { formOf, unsupported } from './kinds.js';

const FIRST_BYTES = 65_536;
// A larger buffer is not kept for the next message.
const KEPT_BYTES = 1_048_576;
const MAX_BYTES = 268_435_456;
// A value that would not fit is not written in part: its last bytes may lie before the end.
const SLACK = 64;

let output = Buffer.allocUnsafeSlow(FIRST_BYTES);
const mark = { from: -1, to: -1 };

/** The bytes of a message as JSON; undefined where that is left to reflection. */
export type JsonWriter = (bytes: Uint8Array) => Buffer | undefined;

/** Makes programs from bytes to JSON for the messages of a registry, in one form; each message's once. */
export class JsonCompiler {
  /** All that programs refer to, by the numbers in their sources. */
  private readonly table: unknown[] = [];
  private readonly places = new Map<object, number>();
  private readonly extended: ReadonlySet<string>;

  constructor(
    private readonly registry: Registry,
    private readonly form: JsonForm,
  ) {
    const extensions = [...registry].filter((type) => type.kind === 'extension');
    this.extended = new Set(extensions.map(({ extendee }) => extendee.typeName));
  }

  /** For a message, or for one field of it alone. Undefined when there can be no program for the message itself. */
  writer(desc: DescMessage, field?: DescField): JsonWriter | undefined {
    if (formOf(desc) !== 'plain' || unsupported(desc) !== undefined) return undefined;
    const run = field ? this.program(desc, field) : this.table[this.placeOf(desc, () => this.program(desc))];
    return (bytes) => write(run as MessageWriter, bytes, field !== undefined);
  }

  private program(desc: DescMessage, marked?: DescField): MessageWriter {
    if (unsupported(desc) !== undefined) return giveUp;
    const links = {
      message: (inner: DescMessage) => `T[${this.placeOf(inner, () => this.program(inner))}]`,
      enumeration: (inner: DescEnum) => `T[${this.placeOf(inner, () => enumWriter(inner))}]`,
      foreign: (inner: DescMessage) =>
        `T[${this.placeOf(inner, () => foreignWriter(inner, this.form, this.registry))}]`,
      isExtended: this.extended.has(desc.typeName),
    };
    const source = new JsonSource(desc, this.form, links, marked);
    const text = source.source();
    return generate({ ...JSON_RUNTIME, T: this.table, K: source.puts.constants, mark }, text) as MessageWriter;
  }

  /** A place is taken before it is filled: messages may hold themselves. */
  private placeOf(type: object, make: () => unknown): number {
    const known = this.places.get(type);
    if (known !== undefined) return known;
    const place = this.table.push(undefined) - 1;
    this.places.set(type, place);
    this.table[place] = make();
    return place;
  }
}

function write(run: MessageWriter, bytes: Uint8Array, isMarked: boolean): Buffer | undefined {
  const b = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  try {
    for (;;) {
      mark.from = -1;
      const end = run(b, 0, b.length, output, 0, 1);
      if (end <= output.length - SLACK) return isMarked ? marked(end) : copyOf(0, end);
      if (end > MAX_BYTES) return undefined;
      output = Buffer.allocUnsafeSlow(end * 2);
    }
  } catch {
    // Whatever it was: reflection says what is wrong, or that nothing is.
    return undefined;
  } finally {
    if (output.length > KEPT_BYTES) output = Buffer.allocUnsafeSlow(FIRST_BYTES);
  }
}

function marked(end: number): Buffer | undefined {
  if (!isUtf8(output.subarray(0, end))) return undefined;
  return mark.from < 0 ? Buffer.from('null') : copyOf(mark.from, mark.to);
}

function copyOf(from: number, to: number): Buffer | undefined {
  const json = output.subarray(from, to);
  return isUtf8(json) ? Buffer.from(json) : undefined;
}

import { isUtf8 } from 'node:buffer';
import type { DescEnum, DescField, DescMessage, Registry } from '@bufbuild/protobuf';
import type { JsonForm } from '../json-form.js';
import { generate } from './generation.js';
import { giveUp } from './give-up.js';
import { enumWriter, foreignWriter, JSON_RUNTIME, type MessageWriter } from './json-runtime.js';
import { JsonSource } from './json-source.js';
import { formOf, unsupported } from './kinds.js';
import { Output } from './output.js';
import { ProgramTable } from './program-table.js';

const output = new Output(65_536);
const mark = { from: -1, to: -1 };

/** The bytes of a message as JSON; undefined where that is left to reflection. */
export type JsonWriter = (bytes: Uint8Array) => Buffer | undefined;

/** Makes programs from bytes to JSON for the messages of a registry, in one form; each message's once. */
export class JsonCompiler {
  private readonly table = new ProgramTable();
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
    const run = field
      ? this.program(desc, field)
      : this.table.items[this.table.placeOf(desc, () => this.program(desc))];
    return (bytes) => write(run as MessageWriter, bytes, field !== undefined);
  }

  private program(desc: DescMessage, marked?: DescField): MessageWriter {
    if (unsupported(desc) !== undefined) return giveUp;
    const links = {
      message: (inner: DescMessage) => `T[${this.table.placeOf(inner, () => this.program(inner))}]`,
      enumeration: (inner: DescEnum) => `T[${this.table.placeOf(inner, () => enumWriter(inner))}]`,
      foreign: (inner: DescMessage) =>
        `T[${this.table.placeOf(inner, () => foreignWriter(inner, this.form, this.registry))}]`,
      isExtended: this.extended.has(desc.typeName),
    };
    const source = new JsonSource(desc, this.form, links, marked);
    const text = source.source();
    return generate({ ...JSON_RUNTIME, T: this.table.items, K: source.puts.constants, mark }, text) as MessageWriter;
  }
}

function write(run: MessageWriter, bytes: Uint8Array, isMarked: boolean): Buffer | undefined {
  const b = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  try {
    let end: number;
    do {
      mark.from = -1;
      end = run(b, 0, b.length, output.buffer, 0, 1);
    } while (!output.holds(end));
    return isMarked ? marked(end) : copyOf(0, end);
  } catch {
    // Whatever it was: reflection says what is wrong, or that nothing is.
    return undefined;
  } finally {
    output.release();
  }
}

function marked(end: number): Buffer | undefined {
  if (!isUtf8(output.buffer.subarray(0, end))) return undefined;
  return mark.from < 0 ? Buffer.from('null') : copyOf(mark.from, mark.to);
}

function copyOf(from: number, to: number): Buffer | undefined {
  const json = output.buffer.subarray(from, to);
  return isUtf8(json) ? Buffer.from(json) : undefined;
}

import type { DescEnum, DescField, DescMessage, Registry } from '@bufbuild/protobuf';
import { generate } from './generation.js';
import { giveUp } from './give-up.js';
import { formOf, unsupported } from './kinds.js';
import { PARSE_RUNTIME, type Parser } from './parse-runtime.js';
import { type ParserLinks, ParseSource } from './parse-source.js';
import { ProgramTable } from './program-table.js';
import { enumReader } from './read-json.js';
import type { Check } from './rule-checks.js';

/** The program of a message of which path and query set a part. */
export interface MessageProgram {
  /** Reads the rest of it, or none; `given` has the bits of what is set already. */
  readonly whole: Parser;
  readonly given: Int32Array;
  readonly source: ParseSource;
}

/** The programs of one request message. */
export interface RequestPrograms extends MessageProgram {
  /** Reads a body that is this field. */
  readonly field: Parser | undefined;
}

/** Makes programs from JSON to bytes; each message's once for all routes of an API. */
export class ParseCompiler {
  private readonly table = new ProgramTable();
  private readonly links: ParserLinks = {
    message: (desc) => `T[${this.table.placeOf(desc, () => this.program(desc))}]`,
    enumeration: (desc: DescEnum) => `T[${this.table.placeOf(desc, () => enumReader(desc))}]`,
    check: (check: Check) => `T[${this.table.add(check)}]`,
  };

  /** Undefined when there can be no programs for the message. */
  request(desc: DescMessage, body?: DescField, reserved?: DescField): RequestPrograms | undefined {
    if (formOf(desc) !== 'plain' || unsupported(desc) !== undefined) return undefined;
    const source = new ParseSource(desc, this.links, new Set(reserved ? [reserved] : []));
    const given = new Int32Array(source.words);
    return {
      whole: this.make(source, source.rootSource(), { given }),
      given,
      source,
      field: body && this.make(source, source.fieldSource(body), {}),
    };
  }

  private program(desc: DescMessage): Parser {
    if (unsupported(desc) !== undefined) return giveUp;
    const source = new ParseSource(desc, this.links);
    return this.make(source, source.source(), {});
  }

  private make(source: ParseSource, text: string, more: object): Parser {
    return generate({ ...PARSE_RUNTIME, T: this.table.items, N: source.names, ...more }, text) as Parser;
  }
}

const compilers = new WeakMap<Registry, ParseCompiler>();

/** The one of a registry. */
export function parseCompiler(registry: Registry): ParseCompiler {
  const compiler = compilers.get(registry) ?? new ParseCompiler();
  compilers.set(registry, compiler);
  return compiler;
}

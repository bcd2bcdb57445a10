import type { DescField, Registry } from '@bufbuild/protobuf';
import { ended } from './ended.js';
import { mark } from './field-setter.js';
import { tagOf } from './kinds.js';
import { type MessageProgram, parseCompiler } from './parse-compiler.js';
import { doubt, segments } from './parse-runtime.js';
import type { PathVariables } from './path-variables.js';
import { space } from './read-json.js';
import { sureRules } from './rules.js';
import { measured, varint } from './write-wire.js';

/** The parts of a request that make the field that is its body. */
interface Resource {
  readonly variables: readonly string[];
  readonly body: Buffer;
  /** Of the request. */
  readonly program: MessageProgram;
}

/** Writes the field that is the body where variables fill a part of it, such as `{book.name}`: what the body says too is told. */
export class ResourceWriter {
  private readonly isDoubtful: boolean;

  private constructor(
    private readonly field: DescField,
    private readonly variables: PathVariables,
    private readonly inner: MessageProgram,
  ) {
    this.isDoubtful = sureRules(field).doubt !== 'none';
  }

  /** Undefined where that is left to reflection: a variable lies deeper, or there are no programs for the field. */
  static of(field: DescField | undefined, variables: PathVariables, registry: Registry): ResourceWriter | undefined {
    if (field?.fieldKind !== 'message' || variables.hasMessages) return undefined;
    const inner = parseCompiler(registry).request(field.message);
    return inner && new ResourceWriter(field, variables, inner);
  }

  /** Before all other fields, from the beginning of `o`. */
  write({ variables, body, program }: Resource, o: Buffer): number {
    const { given, whole } = this.inner;
    mark(program, this.field);
    if (this.isDoubtful) doubt.any = true;
    given.fill(0);
    const at = varint(tagOf(this.field), 0, o, 0);
    let w = this.variables.write(variables, this.inner, o, at + 1);
    w = whole(body, body.length === 0 ? -1 : space(body, 0), o, w, 3);
    if (body.length > 0) ended(body);
    w = measured(at, o, w);
    segments.count = 0;
    segments.add(this.field.number, 0, w);
    return w;
  }
}

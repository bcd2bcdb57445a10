import type { DescField, DescMessage } from '@bufbuild/protobuf';
import type { FieldPath } from '../field-path.js';
import { decodeVariable } from '../path-variable.js';
import type { Route } from '../route.js';
import { added, mark } from './field-setter.js';
import { giveUp } from './give-up.js';
import { formOf, tagOf, unsupported } from './kinds.js';
import type { MessageProgram } from './parse-compiler.js';
import { doubt } from './parse-runtime.js';
import { hasMessageRules, requiredOneofs, sureRules } from './rules.js';
import { type TextWriter, textWriter } from './text-writers.js';
import { measured, varint } from './write-wire.js';

/** A field that a variable fills, or a message of which it fills a part. */
interface Part {
  readonly field: DescField;
  /** Of a variable: its place among the route's. */
  readonly index: number;
  readonly multiSegment: boolean;
  readonly write: TextWriter | undefined;
  readonly parts: readonly Part[];
}
/** What is left of a variable's path at some depth. */
interface Rest {
  readonly path: readonly DescField[];
  readonly index: number;
}

/** Writes the fields of a message that the variables of a path fill, at any depth. */
export class PathVariables {
  private constructor(
    private readonly parts: readonly Part[],
    private readonly isDoubtful: boolean,
  ) {}

  /** For the variables below `field`, or for those that are not; undefined where that is left to reflection. */
  static of({ variables, template }: Route, below: DescField | undefined, isBelow: boolean): PathVariables | undefined {
    const rests = variables.flatMap((path: FieldPath, index): Rest[] => {
      if ((path[0] === below) !== isBelow) return [];
      return [{ path: isBelow ? path.slice(1) : path, index }];
    });
    // The body itself, which the path wins over.
    if (rests.some(({ path }) => path.length === 0)) return undefined;
    const parts = partsOf(rests, template.variables);
    return parts && new PathVariables(parts, parts.some(isDoubtful));
  }

  get isEmpty(): boolean {
    return this.parts.length === 0;
  }

  get hasMessages(): boolean {
    return this.parts.some(({ parts }) => parts.length > 0);
  }

  write(values: readonly string[], program: MessageProgram, o: Buffer, start: number): number {
    if (this.isDoubtful) doubt.any = true;
    let w = start;
    for (const part of this.parts) {
      mark(program, part.field);
      w = added(part.field, w, writePart(part, values, o, w));
    }
    return w;
  }
}

function writePart(
  { field, write, index, multiSegment, parts }: Part,
  values: readonly string[],
  o: Buffer,
  w: number,
) {
  if (write) return write(decodeVariable(values[index] ?? '', multiSegment) ?? giveUp(), o, w);
  const at = varint(tagOf(field), 0, o, w);
  let end = at + 1;
  for (const part of parts) end = writePart(part, values, o, end);
  return measured(at, o, end);
}

/** In the order of their numbers. */
function partsOf(rests: readonly Rest[], variables: Route['template']['variables']): Part[] | undefined {
  const parts: Part[] = [];
  for (const field of new Set(rests.flatMap(({ path: [first] }) => first ?? []))) {
    const own = rests.filter(({ path }) => path[0] === field);
    const [only] = own;
    if (!only) return undefined;
    if (only.path.length > 1) {
      const inner = insideOf(field, own, variables);
      if (!inner) return undefined;
      parts.push({ field, index: -1, multiSegment: false, write: undefined, parts: inner });
    } else {
      const write = textWriter(field);
      const { multiSegment = false } = variables[only.index] ?? {};
      if (!write) return undefined;
      parts.push({ field, index: only.index, multiSegment, write, parts: [] });
    }
  }
  return parts.sort((a, b) => a.field.number - b.field.number);
}

function insideOf({ message }: DescField, rests: readonly Rest[], variables: Route['template']['variables']) {
  if (!message || formOf(message) !== 'plain' || unsupported(message) !== undefined) return undefined;
  const inner = partsOf(
    rests.map(({ path, index }) => ({ path: path.slice(1), index })),
    variables,
  );
  const oneofs = inner?.flatMap(({ field }) => field.oneof ?? []) ?? [];
  return new Set(oneofs).size < oneofs.length ? undefined : inner;
}

/** Whether a message that is made of variables alone may break a rule that they do not tell of. */
function isDoubtful({ field, parts }: Part): boolean {
  const { message } = field;
  if (!message || parts.length === 0) return false;
  return sureRules(field).doubt !== 'none' || lacksSomething(message, parts) || parts.some(isDoubtful);
}

function lacksSomething(message: DescMessage, parts: readonly Part[]): boolean {
  const given = new Set(parts.map(({ field }) => field));
  const isAsked = (field: DescField) => sureRules(field).doubt === 'always' || sureRules(field).isNeeded;
  return (
    hasMessageRules(message) ||
    message.fields.some((field) => !given.has(field) && isAsked(field)) ||
    requiredOneofs(message).some((fields) => !fields.some((field) => given.has(field)))
  );
}

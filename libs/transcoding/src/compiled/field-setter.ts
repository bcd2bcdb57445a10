import type { DescField } from '@bufbuild/protobuf';
import { giveUp } from './give-up.js';
import type { MessageProgram } from './parse-compiler.js';
import { segments } from './parse-runtime.js';
import type { TextWriter } from './text-writers.js';

/** Sets a field of a message from the path or the query. */
export class FieldSetter {
  constructor(
    private readonly field: DescField,
    private readonly write: TextWriter,
    private readonly program: MessageProgram,
  ) {}

  set(text: string, o: Buffer, w: number): number {
    mark(this.program, this.field);
    return added(this.field, w, this.write(text, o, w));
  }
}

/** What is set twice has to be told, or decided upon. */
export function mark({ given, source }: MessageProgram, field: DescField): void {
  for (const seen of [source.bitOf(field), source.oneofBit(field)]) {
    if (!seen) continue;
    const [word, mask] = seen;
    const before = given[word] ?? 0;
    if ((before & mask) !== 0 && field.fieldKind !== 'list') giveUp();
    given[word] = before | mask;
  }
}

/** Notes where a field stands, unless nothing was written; gives its end. */
export function added({ number }: DescField, start: number, end: number): number {
  if (end !== start) segments.add(number, start, end);
  return end;
}

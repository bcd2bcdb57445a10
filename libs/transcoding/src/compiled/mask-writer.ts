import type { DescField, DescMessage } from '@bufbuild/protobuf';
import { maskFieldOf, maskPaths } from '../field-mask.js';
import type { Route } from '../route.js';
import { added, mark } from './field-setter.js';
import { tagOf } from './kinds.js';
import type { MessageProgram } from './parse-compiler.js';
import { doubt } from './parse-runtime.js';
import { lengthAndText } from './read-json.js';
import { sureRules } from './rules.js';
import { measured, varint } from './write-wire.js';

// google.protobuf.FieldMask: repeated string paths = 1.
const PATHS = 10;

/** Fills the mask of a PATCH from the keys of its body. A mask in the query is left to reflection, as all messages there are. */
export class MaskWriter {
  private constructor(
    private readonly field: DescField,
    private readonly resource: DescMessage,
  ) {}

  /** Undefined where there is no mask to fill; `reflection` where that is not for compiled code. */
  static of(route: Route): MaskWriter | 'reflection' | undefined {
    const { body } = route;
    const field = maskFieldOf(route);
    if (route.httpMethod !== 'PATCH' || typeof body !== 'object' || !field) return undefined;
    if (field === body || field.fieldKind !== 'message' || body.fieldKind !== 'message') return 'reflection';
    return new MaskWriter(field, body.message);
  }

  /** For a body that compiled code has read: it is an object, and each of its names is known. */
  write(body: Buffer, program: MessageProgram, o: Buffer, w: number): number {
    mark(program, this.field);
    if (sureRules(this.field).doubt !== 'none') doubt.any = true;
    const at = varint(tagOf(this.field), 0, o, w);
    let end = at + 1;
    for (const path of maskPaths(this.resource, JSON.parse(body.toString()))) {
      o[end] = PATHS;
      end = lengthAndText(path, o, end + 1);
    }
    return added(this.field, w, measured(at, o, end));
  }
}

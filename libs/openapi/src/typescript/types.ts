import { type DescEnum, type DescField, type DescMessage, ScalarType } from '@bufbuild/protobuf';
import { isWrapperDesc } from '@bufbuild/protobuf/wkt';
import { commentOf } from '../comments.js';
import type { Use } from '../json.js';
import { rangeOf64Bits } from '../scalars.js';
import { isRequired } from '../schemas.js';
import { TypeNames } from '../type-names.js';
import { docComment, property } from './text.js';

const TEXT = new Set(['google.protobuf.Timestamp', 'google.protobuf.Duration', 'google.protobuf.FieldMask']);
const FREE: Readonly<Record<string, string>> = {
  'google.protobuf.Struct': '{ readonly [key: string]: unknown }',
  'google.protobuf.Value': 'unknown',
  'google.protobuf.ListValue': 'readonly unknown[]',
  'google.protobuf.Any': "{ readonly '@type': string; readonly [key: string]: unknown }",
};

export interface DeclarationOptions {
  /** What answers hold: of those, requests get types of their own. */
  readonly responses: ReadonlySet<DescMessage | DescEnum>;
  /** Fields that no request may name. */
  readonly reserved: ReadonlySet<DescField>;
  /** Names that are not free for types. */
  readonly taken: readonly string[];
}

/** TypeScript types of messages as they travel in JSON; what is asked for is declared. */
export class TypeDeclarations {
  private readonly declarations = new Map<string, string>();
  private readonly names: TypeNames;

  constructor(
    types: Iterable<DescMessage | DescEnum>,
    private readonly options: DeclarationOptions,
  ) {
    this.names = new TypeNames(types, options.taken);
  }

  /** All declarations, by name. */
  text(): string {
    return [...this.declarations]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([, declaration]) => declaration)
      .join('\n');
  }

  message(desc: DescMessage, use: Use): string {
    if (TEXT.has(desc.typeName)) return 'string';
    if (Object.hasOwn(FREE, desc.typeName)) return FREE[desc.typeName] ?? 'unknown';
    if (desc.typeName === 'google.protobuf.Empty') return 'Readonly<Record<string, never>>';
    const wrapped = isWrapperDesc(desc) ? desc.fields[0] : undefined;
    if (wrapped) return `${this.single(wrapped, use)} | null`;
    const name = this.names.of(desc) + (use === 'request' && this.options.responses.has(desc) ? 'Input' : '');
    this.declare(name, () => this.interfaceOf(desc, name, use));
    return name;
  }

  field(field: DescField, use: Use): string {
    if (field.fieldKind === 'map') return `Readonly<Record<string, ${this.single(field, use)}>>`;
    if (field.fieldKind !== 'list') return this.single(field, use);
    const item = this.single(field, use);
    return /^[\w.]+$/.test(item) ? `readonly ${item}[]` : `readonly (${item})[]`;
  }

  private single(field: DescField, use: Use): string {
    if (field.message) return this.message(field.message, use);
    if (field.enum) return this.enumeration(field.enum);
    switch (field.scalar) {
      case ScalarType.BOOL:
        return 'boolean';
      case ScalarType.STRING:
      case ScalarType.BYTES:
        return 'string';
      case ScalarType.DOUBLE:
      case ScalarType.FLOAT:
        return "number | 'NaN' | 'Infinity' | '-Infinity'";
      default:
        return rangeOf64Bits(field.scalar) ? 'string' : 'number';
    }
  }

  private enumeration(desc: DescEnum): string {
    const name = this.names.of(desc);
    this.declare(name, () => {
      const values = desc.values.filter((value, index) => index > 0 || !value.name.endsWith('UNSPECIFIED'));
      const union = values.map((value) => `'${value.name}'`).join(' | ');
      return `${docComment(commentOf(desc))}export type ${name} = ${union || 'never'};\n`;
    });
    return name;
  }

  private interfaceOf(desc: DescMessage, name: string, use: Use): string {
    const fields = desc.fields.filter((field) => use === 'response' || !this.options.reserved.has(field));
    const lines = fields.map((field) => {
      const mark = isRequired(field, use) ? '' : '?';
      const type = this.field(field, use);
      return `${docComment(commentOf(field), '  ')}  readonly ${property(field.jsonName)}${mark}: ${type};\n`;
    });
    const doc = docComment(commentOf(desc));
    if (lines.length === 0) return `${doc}export type ${name} = Readonly<Record<string, never>>;\n`;
    return `${doc}export interface ${name} {\n${lines.join('')}}\n`;
  }

  private declare(name: string, make: () => string): void {
    if (this.declarations.has(name)) return;
    this.declarations.set(name, ''); // it may hold itself
    this.declarations.set(name, make());
  }
}

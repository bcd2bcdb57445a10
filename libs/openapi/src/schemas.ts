import {
  type DescEnum,
  type DescEnumValue,
  type DescField,
  type DescMessage,
  type DescOneof,
  ScalarType,
} from '@bufbuild/protobuf';
import { FeatureSet_FieldPresence, isWrapperDesc } from '@bufbuild/protobuf/wkt';
import type { FieldRules } from '#libs/contracts';
import { enumForms, orNull } from './body-forms.js';
import { commentOf } from './comments.js';
import { isInBody, type Schema, type Use } from './json.js';
import type { Looks } from './looks.js';
import { requiredOf } from './required.js';
import { exampleOf, isUnchecked, rulesOf, ruleTexts, underRules } from './rules.js';
import { isUnset, scalarSchema } from './scalars.js';
import { TypeNames } from './type-names.js';
import { wellKnownSchema } from './well-known.js';

/** Fields that something else than the body fills, as dotted paths of proto names. */
export type Filled = ReadonlySet<string>;
const NOTHING: Filled = new Set();

/** The schemas of the messages of an API, by ProtoJSON. What is asked for becomes a component that others refer to. */
export class Schemas {
  private readonly components = new Map<string, Schema>();
  private readonly names: TypeNames;
  readonly looks: Looks;

  /** @param responses types that answers hold: in requests they get a name of their own */
  constructor(
    types: Iterable<DescMessage | DescEnum>,
    private readonly responses: ReadonlySet<DescMessage | DescEnum>,
    { taken, looks }: { readonly taken: readonly string[]; readonly looks: Looks },
  ) {
    this.looks = looks;
    this.names = new TypeNames(types, taken);
  }

  /** All components so far, by name. */
  all(): Record<string, Schema> {
    return Object.fromEntries([...this.components].sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  /** A message; without the fields that are `filled` by the path it is written in place. */
  message(desc: DescMessage, use: Use, filled = NOTHING): Schema {
    const own = wellKnownSchema(desc);
    if (own) return own;
    const wrapped = isWrapperDesc(desc) ? desc.fields[0] : undefined;
    if (wrapped) return orNull(scalarSchema(wrapped.scalar ?? ScalarType.STRING, use));
    if (filled.size > 0) return this.object(desc, use, filled);
    const name = this.names.of(desc) + this.suffixOf(desc, use);
    return this.component(name, () => this.object(desc, use, NOTHING));
  }

  /** A field as it is written in JSON, with its description. */
  field(field: DescField, use: Use, filled = NOTHING): Schema {
    const rules = use === 'response' || use === 'patch' ? undefined : rulesOf(field);
    const example = exampleOf(rulesOf(field));
    const description = [commentOf(field), ...ruleTexts(rules)].filter(Boolean).join('\n\n');
    return {
      ...(description !== '' && { description }),
      ...(field.proto.options?.deprecated && { deprecated: true }),
      ...this.value(field, use, { rules, filled }),
      ...(example !== undefined && { examples: [example] }),
    };
  }

  private value(
    field: DescField,
    use: Use,
    { rules, filled }: { rules: FieldRules | undefined; filled: Filled },
  ): Schema {
    const type = rules?.type;
    if (field.fieldKind === 'list') {
      const items = type?.case === 'repeated' ? type.value.items : undefined;
      const schema = {
        type: 'array',
        items: underRules(this.single(field, use, NOTHING), field, { rules: items, use }),
      };
      return underRules(schema, field, { rules, use });
    }
    if (field.fieldKind === 'map') {
      const { keys, values } = type?.case === 'map' ? type.value : {};
      const additionalProperties = underRules(this.single(field, use, NOTHING), field, { rules: values, use });
      const names = keys?.type.case === 'string' ? underRules({}, field, { rules: keys, use: 'parameter' }) : {};
      const schema = {
        type: 'object',
        additionalProperties,
        ...(Object.keys(names).length > 0 && { propertyNames: names }),
      };
      return underRules(schema, field, { rules, use });
    }
    return underRules(this.single(field, use, filled), field, { rules, use });
  }

  private single(field: DescField, use: Use, filled: Filled): Schema {
    if (field.message)
      return this.message(field.message, use === 'request' && isUnchecked(field) ? 'patch' : use, filled);
    if (field.enum) return this.enumValue(field, field.enum, use);
    return scalarSchema(field.scalar ?? ScalarType.STRING, use);
  }

  private enumValue(field: DescField, desc: DescEnum, use: Use): Schema {
    if (desc.typeName === 'google.protobuf.NullValue') return { type: 'null' };
    const isWhole = this.looks.of(field.parent).json.unpopulated === 'all';
    const values = desc.values.filter(({ name }, index) => isWhole || index > 0 || !name.endsWith('UNSPECIFIED'));
    const name = this.names.of(desc);
    if (use === 'response' && this.looks.hasNumbers(field)) {
      return this.component(`${name}Number`, () => numbersOf(desc, values));
    }
    const names = this.component(name, () => namesOf(desc, values));
    return isInBody(use) ? enumForms(names) : names;
  }

  private object(desc: DescMessage, use: Use, filled: Filled): Schema {
    const fields = desc.fields.filter(({ name }) => !filled.has(name));
    const properties = fields.map((field) => {
      const schema = this.field(field, use, below(filled, field.name));
      // Of a field that is required, null says that it is not there.
      const hasNull = use === 'response' ? this.looks.mayBeNull(field) : isInBody(use) && !isRequired(field, use);
      return [this.looks.nameOf(field), hasNull ? orNull(schema) : schema];
    });
    const names = fields.filter((field) => this.isThere(field, use)).map((field) => this.looks.nameOf(field));
    const description = commentOf(desc);
    return {
      ...(description && { description }),
      type: 'object',
      properties: Object.fromEntries(properties),
      ...(names.length > 0 && { required: names }),
      ...(use !== 'response' && this.exclusive(desc, use)),
      ...(use !== 'response' && this.looks.of(desc).dialect !== 'grpc-gateway' && { additionalProperties: false }),
    };
  }

  private isThere(field: DescField, use: Use): boolean {
    return use === 'response' ? this.looks.isAlwaysTold(field) : isRequired(field, use);
  }

  /** Of a oneof at most one member is sent; exactly one where a rule says so. */
  private exclusive(desc: DescMessage, use: Use): Schema {
    const choices = desc.oneofs.map((oneof) =>
      this.choiceOf(oneof, use !== 'patch' && requiredOf(desc).oneofs.has(oneof.name)),
    );
    if (choices.length === 0) return {};
    return choices.length === 1 ? (choices[0] ?? {}) : { allOf: choices };
  }

  private choiceOf({ fields }: DescOneof, isNeeded: boolean): Schema {
    const given = { not: { type: 'null' } };
    const names = fields.map((field) => this.looks.nameOf(field));
    const one = names.map((name) => ({ required: [name], properties: { [name]: given } }));
    return { oneOf: isNeeded ? one : [...one, { not: { anyOf: one } }] };
  }

  /** Requests of a type that answers hold too, and patches, have a schema of their own. */
  private suffixOf(desc: DescMessage, use: Use): string {
    if (use === 'patch') return 'Patch';
    return use !== 'response' && this.responses.has(desc) ? 'Input' : '';
  }

  private component(name: string, make: () => Schema): Schema {
    if (!this.components.has(name)) {
      this.components.set(name, {}); // its own fields may refer to it
      this.components.set(name, make());
    }
    return { $ref: `#/components/schemas/${name}` };
  }
}

/** The rest of the paths that begin with `name`. */
export function below(filled: Filled, name: string): Filled {
  const prefix = `${name}.`;
  return new Set([...filled].filter((path) => path.startsWith(prefix)).map((path) => path.slice(prefix.length)));
}

/** In answers every field without presence is there, but for enums that are unset. */
export function isRequired(field: DescField, use: Use): boolean {
  if (use === 'patch') return false;
  if (use !== 'response') return requiredOf(field.parent).fields.has(field.name);
  if (field.fieldKind === 'list' || field.fieldKind === 'map') return true;
  return field.presence === FeatureSet_FieldPresence.IMPLICIT && !isUnset(field);
}

function namesOf(desc: DescEnum, values: readonly DescEnumValue[]): Schema {
  const description = explained(desc, values, ({ name }) => name);
  return { ...(description && { description }), type: 'string', enum: values.map(({ name }) => name) };
}

/** What a service of a newer version answers may be another one. */
function numbersOf(desc: DescEnum, values: readonly DescEnumValue[]): Schema {
  const description = explained(desc, values, ({ name, number }) => `${number}, ${name}`);
  return { ...(description && { description }), type: 'integer', format: 'int32' };
}

function explained(desc: DescEnum, values: readonly DescEnumValue[], nameOf: (value: DescEnumValue) => string): string {
  const lines = values.flatMap((value) => {
    const comment = commentOf(value);
    return comment === '' ? [] : [`- ${nameOf(value)}: ${comment}`];
  });
  return [commentOf(desc), lines.join('\n')].filter(Boolean).join('\n\n');
}

import type { DescMessage } from '@bufbuild/protobuf';
import type { Schema } from './json.js';

const DURATION = '^-?[0-9]+(\\.[0-9]{1,9})?s$';

const SCHEMAS: Readonly<Record<string, Schema>> = {
  'google.protobuf.Timestamp': { type: 'string', format: 'date-time' },
  'google.protobuf.Duration': { type: 'string', pattern: DURATION, examples: ['1.5s'] },
  'google.protobuf.FieldMask': { type: 'string', description: 'Names of fields, separated by commas.' },
  'google.protobuf.Struct': { type: 'object', additionalProperties: true },
  'google.protobuf.Value': { description: 'Any JSON value.' },
  'google.protobuf.ListValue': { type: 'array', items: {} },
  'google.protobuf.Any': {
    type: 'object',
    properties: { '@type': { type: 'string', description: 'The URL of its type, e.g. type.googleapis.com/a.v1.B.' } },
    required: ['@type'],
    additionalProperties: true,
  },
};

/** The schema of a message whose JSON form is not that of its fields (ProtoJSON); undefined for all others. */
export function wellKnownSchema({ typeName }: DescMessage): Schema | undefined {
  return Object.hasOwn(SCHEMAS, typeName) ? SCHEMAS[typeName] : undefined;
}

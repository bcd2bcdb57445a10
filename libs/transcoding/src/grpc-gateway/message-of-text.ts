import { create, type DescMessage, fromJson, type JsonValue, type Message, type Registry } from '@bufbuild/protobuf';
import { type Duration, type FieldMask, isWrapperDesc, type Timestamp } from '@bufbuild/protobuf/wkt';
import { Duplicates, type Json, parseJson } from '../json.js';
import { Violations } from '../violations.js';
import { GoJson } from './go-json.js';
import { textScalar } from './go-scalars.js';
import { goDuration, goTime, type Seconds } from './go-time.js';

/**
 * A message that one text gives in a path or a query: of grpc-gateway's list, by time.Parse, time.ParseDuration and strconv.
 * Undefined where it is refused, or there is no text for the type.
 */
export function messageOfText(desc: DescMessage, text: string, registry: Registry): Message | undefined {
  if (isWrapperDesc(desc)) {
    const value = textScalar(desc.fields[0].scalar, text);
    return value === undefined ? undefined : create(desc, { value });
  }
  switch (desc.typeName) {
    case 'google.protobuf.Timestamp':
      return ofSeconds(desc, goTime(text));
    case 'google.protobuf.Duration':
      return ofSeconds(desc, goDuration(text));
    case 'google.protobuf.FieldMask': {
      const mask = create(desc) as FieldMask;
      if (text !== '') mask.paths.push(...text.split(','));
      return mask;
    }
    case 'google.protobuf.Struct':
    case 'google.protobuf.Value':
      return ofJson(desc, text, registry);
    case 'google.protobuf.Empty':
      return text === '' || text === '{}' ? create(desc) : undefined;
    default:
      return undefined;
  }
}

function ofSeconds(desc: DescMessage, span: Seconds | undefined): Message | undefined {
  return span && Object.assign(create(desc) as Timestamp | Duration, span);
}

function ofJson(desc: DescMessage, text: string, registry: Registry): Message | undefined {
  const [violations, duplicates] = [new Violations(), new Duplicates()];
  try {
    const value: Json = parseJson(Buffer.from(text), { duplicates, infinite: true });
    const json = new GoJson(registry, { violations, duplicates }).message(desc, value, '');
    // Nothing but JSON is left in it.
    return violations.isEmpty ? fromJson(desc, json as JsonValue) : undefined;
  } catch {
    return undefined;
  }
}

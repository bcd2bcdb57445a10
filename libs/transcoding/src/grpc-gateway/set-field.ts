import type { DescField, DescMessage, Registry, ScalarType } from '@bufbuild/protobuf';
import { type ReflectMessage, reflect } from '@bufbuild/protobuf/reflect';
import { textScalar } from './go-scalars.js';
import { messageOfText } from './message-of-text.js';

/** Why a path or a parameter was refused. */
export class Refusal {
  constructor(readonly description: string) {}
}

export interface Parameter {
  /** Names of fields, by proto or json name; what is unknown is passed over. */
  readonly path: readonly string[];
  readonly values: readonly string[];
  /** Of `field[key]=value`. */
  readonly mapKey?: string | undefined;
}

/**
 * Sets a field from the texts of a path or a query, as grpc-gateway does: the messages on the way to it are there afterwards,
 * also where the name that follows is unknown. @throws Refusal
 */
export function setField(message: ReflectMessage, parameter: Parameter, registry: Registry): void {
  const [name = '', ...rest] = parameter.path;
  const field = fieldOf(message.desc, name);
  if (!field) return;
  checkOneof(message, field);
  if (rest.length === 0) {
    setLast(message, field, { parameter, registry });
    return;
  }
  if (field.fieldKind !== 'message') throw new Refusal(`${name} is not a message`);
  const child = message.get(field);
  setField(child, { ...parameter, path: rest }, registry);
  message.set(field, child);
}

/** By its proto name before its json name. */
export function fieldOf(desc: DescMessage, name: string): DescField | undefined {
  return desc.fields.find((field) => field.name === name) ?? desc.fields.find((field) => field.jsonName === name);
}

function checkOneof(message: ReflectMessage, field: DescField): void {
  const set = field.oneof && message.oneofCase(field.oneof);
  if (set && (set !== field || !field.message))
    throw new Refusal(`another field of ${field.oneof?.name} is set already`);
}

type Source = { readonly parameter: Parameter; readonly registry: Registry };

function setLast(message: ReflectMessage, field: DescField, { parameter, registry }: Source): void {
  const { values, mapKey } = parameter;
  if (mapKey !== undefined && field.fieldKind !== 'map') throw new Refusal('is not a map');
  if (field.fieldKind === 'list') {
    for (const text of values) message.get(field).add(readValue(field, text, registry));
    return;
  }
  if (field.fieldKind === 'map') {
    const [key, text, ...more] = mapKey === undefined ? values : [mapKey, ...values];
    if (key === undefined || text === undefined || more.length > 0) throw new Refusal('must be one value for one key');
    const read = scalarOf(field.mapKey, key);
    if (typeof read === 'object') throw new Refusal('has a key that is none of its type');
    message.get(field).set(read, readValue(field, text, registry));
    return;
  }
  if (values.length !== 1) throw new Refusal('is given twice');
  message.set(field, readValue(field, values[0] ?? '', registry));
}

function readValue(field: DescField, text: string, registry: Registry): unknown {
  if (field.message) {
    const message = messageOfText(field.message, text, registry);
    if (!message) throw new Refusal(`is no ${field.message.typeName}, or none that can be given by a text`);
    return reflect(field.message, message);
  }
  if (!field.enum) return scalarOf(field.scalar, text);
  const named = field.enum.values.find(({ name }) => name === text);
  const number = named?.number ?? Number(/^[+-]?\d{1,10}$/.test(text) ? text : Number.NaN);
  if (!field.enum.value[number]) throw new Refusal('is no value of its enum');
  return number;
}

function scalarOf(scalar: ScalarType | undefined, text: string) {
  const value = scalar === undefined ? undefined : textScalar(scalar, text);
  if (value === undefined) throw new Refusal('is not of its type');
  return value;
}

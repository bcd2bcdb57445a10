import { create, type DescField, type DescMessage, type DescMethod, type Message } from '@bufbuild/protobuf';
import { BinaryReader, BinaryWriter, WireType } from '@bufbuild/protobuf/wire';

const HTTP_BODY = 'google.api.HttpBody';
const ANY_BYTES = 'application/octet-stream';

// Field numbers in google/api/httpbody.proto.
const CONTENT_TYPE = 1;
const DATA = 2;

/** A type and parameters in printable ASCII: a service's text with more in it would be a header of its own. */
const MEDIA_TYPE = /^[\w!#$&^.+-]+\/[\w!#$&^.+*-]+[\x20-\x7e]*$/;

/** A body as HTTP has it: bytes of some type. `extensions` of google.api.HttpBody have no place in it. */
export interface RawBody {
  /** Empty in a request that names none. */
  readonly contentType: string;
  readonly data: Uint8Array;
}

/** What a route says of bodies. */
interface Requests {
  readonly rpc: DescMethod;
  readonly body: 'none' | 'whole' | DescField;
}

interface Responses {
  readonly rpc: DescMethod;
  readonly responseBody: DescField | undefined;
}

function isHttpBody(message: DescMessage | undefined): boolean {
  return message?.typeName === HTTP_BODY;
}

/** Whether the body of a request is taken as it is, of whatever type, and not as JSON. */
export function takesRawBody({ rpc, body }: Requests): boolean {
  if (body === 'whole') return isHttpBody(rpc.input);
  return body !== 'none' && isRawField(body);
}

/** Whether the body of an answer is what the service gives, and not JSON. */
export function givesRawBody({ rpc, responseBody }: Responses): boolean {
  return responseBody ? isRawField(responseBody) : isHttpBody(rpc.output);
}

/** Puts a body into the message that path and query have made. */
export function withRawBody({ rpc, body }: Requests, message: Message, { contentType, data }: RawBody): Message {
  const desc = rawMessage({ rpc, body });
  const raw = create(desc);
  Reflect.set(raw, localName(desc, CONTENT_TYPE), contentType);
  Reflect.set(raw, localName(desc, DATA), data);
  if (typeof body === 'object') return Object.assign(message, { [body.localName]: raw });
  return raw;
}

/** A message, as protobuf, that goes on with the bytes of the one before: of a body that is sent in pieces. */
export function nextPiece({ body }: Pick<Requests, 'body'>, data: Uint8Array): Uint8Array {
  const head = new BinaryWriter().tag(DATA, WireType.LengthDelimited).uint32(data.length).finish();
  // The bytes are copied once, whatever they are put into.
  if (typeof body !== 'object') return Buffer.concat([head, data]);
  const outer = new BinaryWriter().tag(body.number, WireType.LengthDelimited).uint32(head.length + data.length);
  return Buffer.concat([outer.finish(), head, data]);
}

/** The body in a response message, given as it came from the wire. Its bytes are not copied. */
export function rawBodyIn({ responseBody }: Pick<Responses, 'responseBody'>, response: Uint8Array): RawBody {
  const whole = responseBody ? lastOf(response, responseBody.number) : response;
  const contentType = new TextDecoder().decode(lastOf(whole, CONTENT_TYPE));
  return { contentType: MEDIA_TYPE.test(contentType) ? contentType : ANY_BYTES, data: lastOf(whole, DATA) };
}

function isRawField(field: DescField): boolean {
  return field.fieldKind === 'message' && isHttpBody(field.message);
}

function rawMessage({ rpc, body }: Requests): DescMessage {
  return typeof body === 'object' && body.message ? body.message : rpc.input;
}

function localName({ fields }: DescMessage, number: number): string {
  const field = fields.find((one) => one.number === number);
  if (!field) throw new Error(`${HTTP_BODY} has no field ${number} in these descriptors`);
  return field.localName;
}

/** The last one wins, as protobuf has it; empty where there is none. */
function lastOf(message: Uint8Array, number: number): Uint8Array {
  const reader = new BinaryReader(message);
  let found: Uint8Array = new Uint8Array();
  while (reader.pos < reader.len) {
    const [field, type] = reader.tag();
    if (field === number && type === WireType.LengthDelimited) found = reader.bytes();
    else reader.skip(type, field);
  }
  return found;
}

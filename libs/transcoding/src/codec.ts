import type { Message, Registry } from '@bufbuild/protobuf';
import type { FieldPath } from './field-path.js';
import { type HttpInput, RequestReader } from './request.js';
import { type EncodedResponse, ResponseWriter } from './response.js';
import type { Route } from './route.js';

/** The way between HTTP and protobuf for one route. The only thing that callers know of how messages are read. */
export interface MethodCodec {
  /** The request message. Throws DomainErrors that name what is wrong, all at once: see RequestReader. */
  decode(input: HttpInput): Message;
  /** A response message, given as it came from the wire, as JSON. */
  encode(response: Uint8Array): EncodedResponse;
}

export interface CodecOptions {
  /** A field that the server fills, from a header say: a request that names it is refused. */
  readonly reserved?: FieldPath | undefined;
}

/** A codec by the reflection of @bufbuild/protobuf; `registry` resolves google.protobuf.Any. */
export function createCodec(route: Route, registry: Registry, { reserved }: CodecOptions = {}): MethodCodec {
  const reader = new RequestReader(route, registry, reserved);
  const writer = new ResponseWriter(route, registry);
  return { decode: (input) => reader.read(input), encode: (response) => writer.write(response) };
}

import type { Registry } from '@bufbuild/protobuf';
import { CompiledRequests } from './compiled/compiled-request.js';
import { CompiledResponses } from './compiled/compiled-response.js';
import { canGenerate } from './compiled/generation.js';
import { JsonCompiler } from './compiled/json-compiler.js';
import { type Dialect, jsonFormOf, REQUEST_RULES } from './dialect.js';
import type { FieldPath } from './field-path.js';
import { partialAnswer } from './grpc-gateway/partial-answer.js';
import { givesRawBody, nextPiece, rawBodyIn, takesRawBody, withRawBody } from './http-body.js';
import type { JsonForm } from './json-form.js';
import { messageReader } from './message-reader.js';
import type { HttpInput } from './request.js';
import { RequestMessage } from './request-message.js';
import { type EncodedResponse, ResponseWriter } from './response.js';
import type { Route } from './route.js';

/** The way between HTTP and protobuf for one route. The only thing that callers know of how messages are read. */
export interface MethodCodec {
  /** The request message. Throws DomainErrors that name what is wrong, all at once: see RequestReader. */
  decode(input: HttpInput): RequestMessage;
  /** A response message, given as it came from the wire, as JSON; or as the body that it holds, see `givesRaw`. */
  encode(response: Uint8Array): EncodedResponse;
  /** Whether the body of a request is a google.api.HttpBody: bytes of any type, not JSON. */
  readonly takesRaw: boolean;
  /** Whether a response is a google.api.HttpBody, or its field is that is the answer. */
  readonly givesRaw: boolean;
  /** Where requests are raw and stream: the message with the next piece of the body. The first is that of `decode`. */
  nextPiece(data: Uint8Array): Uint8Array;
}

export interface CodecOptions {
  /** What requests are accepted; `strict` by default. */
  readonly dialect?: Dialect;
  /** A field that the server fills, from a header say: a request that names it is refused. */
  readonly reserved?: FieldPath | undefined;
  /** How responses look; by default as the dialect has it. */
  readonly json?: JsonForm;
  /** By code made for each message when the codec is: several times faster, and never different. */
  readonly compiled?: boolean;
}

/**
 * A codec for a route; `registry` resolves google.protobuf.Any. Without code generation, be it by choice or because the
 * process forbids it (see canGenerate), by the reflection of @bufbuild/protobuf alone.
 */
export function createCodec(route: Route, registry: Registry, options: CodecOptions = {}): MethodCodec {
  const { dialect = 'strict', reserved, json = jsonFormOf(dialect), compiled = true } = options;
  const rules = REQUEST_RULES[dialect];
  const isCompiled = compiled && canGenerate();
  const reader = messageReader(route, registry, { dialect, reserved });
  const [takesRaw, givesRaw] = [takesRawBody(route), givesRawBody(route)];
  const requests = isCompiled && !takesRaw ? CompiledRequests.of(route, registry, { rules, reserved }) : undefined;
  const reflected = new ResponseWriter(route, registry, json);
  const { output } = route.rpc;
  const toJson = isCompiled && !givesRaw ? jsonCompiler(registry, json).writer(output, route.responseBody) : undefined;
  const responses = toJson ? new CompiledResponses(toJson, reflected) : reflected;
  const finish = rules.isGo ? partialAnswer(route, registry, json) : undefined;
  const encode = finish
    ? (response: Uint8Array) => finish(responses.write(response))
    : (response: Uint8Array) => responses.write(response);
  const decode = (input: HttpInput) => requests?.read(input) ?? RequestMessage.of(route.rpc.input, reader.read(input));
  const decodeRaw = ({ contentType = '', body, ...input }: HttpInput) => {
    const message = reader.read({ ...input, body: NOTHING });
    return RequestMessage.of(route.rpc.input, withRawBody(route, message, { contentType, data: body }));
  };
  const encodeRaw = (response: Uint8Array): EncodedResponse => {
    const { contentType, data } = rawBodyIn(route, response);
    const json = Buffer.from(data.buffer, data.byteOffset, data.length);
    return { json, contentType, text: (path) => reflected.text(response, path) };
  };
  return {
    takesRaw,
    givesRaw,
    decode: takesRaw ? decodeRaw : decode,
    encode: givesRaw ? encodeRaw : encode,
    nextPiece: (data) => nextPiece(route, data),
  };
}

const NOTHING = new Uint8Array();

const jsonCompilers = new WeakMap<Registry, Map<string, JsonCompiler>>();

/** Routes of an API share the programs of its messages. */
function jsonCompiler(registry: Registry, form: JsonForm): JsonCompiler {
  const forms = jsonCompilers.get(registry) ?? new Map<string, JsonCompiler>();
  jsonCompilers.set(registry, forms);
  const name = `${form.unpopulated} ${form.names} ${form.enums}`;
  const compiler = forms.get(name) ?? new JsonCompiler(registry, form);
  forms.set(name, compiler);
  return compiler;
}

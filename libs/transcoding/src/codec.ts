import type { Registry } from '@bufbuild/protobuf';
import { CompiledRequests } from './compiled/compiled-request.js';
import { CompiledResponses } from './compiled/compiled-response.js';
import { canGenerate } from './compiled/generation.js';
import { JsonCompiler } from './compiled/json-compiler.js';
import { type Dialect, jsonFormOf, REQUEST_RULES } from './dialect.js';
import type { FieldPath } from './field-path.js';
import { partialAnswer } from './grpc-gateway/partial-answer.js';
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
  /** A response message, given as it came from the wire, as JSON. */
  encode(response: Uint8Array): EncodedResponse;
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
  const requests = isCompiled ? CompiledRequests.of(route, registry, { rules, reserved }) : undefined;
  const reflected = new ResponseWriter(route, registry, json);
  const { output } = route.rpc;
  const toJson = isCompiled ? jsonCompiler(registry, json).writer(output, route.responseBody) : undefined;
  const responses = toJson ? new CompiledResponses(toJson, reflected) : reflected;
  const finish = rules.isGo ? partialAnswer(route, registry, json) : undefined;
  return {
    decode: (input) => requests?.read(input) ?? RequestMessage.of(route.rpc.input, reader.read(input)),
    encode: finish ? (response) => finish(responses.write(response)) : (response) => responses.write(response),
  };
}

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

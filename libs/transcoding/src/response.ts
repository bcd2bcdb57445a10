import { fromBinary, type Message, type Registry, toJson } from '@bufbuild/protobuf';
import { type FieldPath, readText } from './field-path.js';
import type { JsonForm } from './json-form.js';
import { JsonShape, optionsOf } from './json-shape.js';
import type { Route } from './route.js';

/** A response message as JSON, and its fields as text. */
export interface EncodedResponse {
  /** Where the message is a google.api.HttpBody: its bytes, whatever they are. */
  readonly json: Buffer;
  /** Set where the message is a google.api.HttpBody: their type. Safe as the value of a header. */
  readonly contentType?: string;
  /** A scalar or enum field as text: for the Location header, the id of an event. */
  text(path: FieldPath): string;
}

/** Writes the response messages of a route by reflection. */
export class ResponseWriter {
  private readonly shape: JsonShape;

  constructor(
    private readonly route: Route,
    private readonly registry: Registry,
    private readonly form: JsonForm,
  ) {
    this.shape = new JsonShape(form, registry);
  }

  write(bytes: Uint8Array): EncodedResponse {
    const desc = this.route.rpc.output;
    const message = fromBinary(desc, bytes);
    return { json: this.toJson(message), text: (path) => readText(desc, message, path) };
  }

  /** {@link EncodedResponse.text} of a message. */
  text(bytes: Uint8Array, path: FieldPath): string {
    const desc = this.route.rpc.output;
    return readText(desc, fromBinary(desc, bytes), path);
  }

  private toJson(message: Message): Buffer {
    const { rpc, responseBody } = this.route;
    const json = this.shape.message(rpc.output, toJson(rpc.output, message, optionsOf(this.form, this.registry)));
    if (!responseBody) return Buffer.from(JSON.stringify(json));
    const key = this.form.names === 'proto' ? responseBody.name : responseBody.jsonName;
    const body: unknown = Object.getOwnPropertyDescriptor(json, key)?.value;
    return Buffer.from(JSON.stringify(body ?? null));
  }
}

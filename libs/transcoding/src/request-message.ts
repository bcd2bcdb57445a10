import { type DescMessage, fromBinary, type Message, toBinary } from '@bufbuild/protobuf';
import { textOnWire } from './compiled/wire-text.js';
import { type FieldPath, readText, writeText } from './field-path.js';

/** A request message, as bytes for its service; what else is asked of it is found out when it is. */
export class RequestMessage {
  private read: Message | undefined;

  constructor(
    private readonly desc: DescMessage,
    /** Canonical: fields in the order of their numbers, no defaults. Two requests that mean the same have the same. */
    readonly bytes: Uint8Array,
    /** Whether all rules of `buf.validate` hold for sure. Where it is false, the library has to be asked. */
    readonly isSurelyValid: boolean,
  ) {}

  static of(desc: DescMessage, message: Message): RequestMessage {
    const request = new RequestMessage(desc, toBinary(desc, message), false);
    request.read = message;
    return request;
  }

  /** Not to be changed: see with(). */
  message(): Message {
    this.read ??= fromBinary(this.desc, this.bytes);
    return this.read;
  }

  /** A scalar or enum field as text; an unset field gives its default, an enum its name. */
  text(path: FieldPath): string {
    return textOnWire(this.bytes, path) ?? readText(this.desc, this.message(), path);
  }

  /** Another request, with a scalar or enum field set from text. Throws when the text does not fit the field's type. */
  with(path: FieldPath, text: string): RequestMessage {
    const message = fromBinary(this.desc, this.bytes);
    writeText(this.desc, message, [path, text]);
    return RequestMessage.of(this.desc, message);
  }
}

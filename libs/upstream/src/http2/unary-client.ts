import { EventEmitter } from 'node:events';
import {
  type CallOptions,
  type ChannelCredentials,
  type ChannelOptions,
  Client,
  type ClientUnaryCall,
  Metadata,
  type ServiceError,
  type StatusObject,
  status,
} from '@grpc/grpc-js';
import { textOf } from './answers.js';
import type { Http2Call } from './call.js';
import type { Http2Channel } from './http2-channel.js';
import { statusOf } from './status.js';

type Callback<O> = (error: ServiceError | null, value?: O) => void;

/** As grpc-js's Client has them: metadata and options may be left out. */
type Rest<O> =
  | [metadata: Metadata, options: CallOptions, callback: Callback<O>]
  | [metadata: Metadata, callback: Callback<O>]
  | [options: CallOptions, callback: Callback<O>]
  | [callback: Callback<O>];

/**
 * grpc-js's Client on a channel of ours. A unary call without interceptors and credentials of its own, which is what each
 * request to the gateway makes, goes to the channel directly; to its caller it is the same, but for the stack of an error, which
 * does not name the caller: noting that for calls that succeed costs as much as all of our framing. Other calls are the Client's.
 */
export class UnaryClient extends Client {
  constructor(
    private readonly channel: Http2Channel,
    credentials: ChannelCredentials,
    options: ChannelOptions,
  ) {
    super(channel.getTarget(), credentials, { ...options, channelOverride: channel });
  }

  override makeUnaryRequest<I, O>(
    path: string,
    serialize: (value: I) => Buffer,
    deserialize: (value: Buffer) => O,
    argument: I,
    ...rest: Rest<O>
  ): ClientUnaryCall {
    const { metadata, options, callback } = partsOf(rest);
    if (!isPlain(options)) {
      return super.makeUnaryRequest(path, serialize, deserialize, argument, metadata, options, callback);
    }
    const call = this.channel.begin(path, options.deadline ?? Number.POSITIVE_INFINITY);
    const unary = new UnaryCall(call, deserialize, callback);
    const message = written(serialize, argument);
    if (Buffer.isBuffer(message)) call.startUnary(metadata, message, unary);
    else {
      call.start(metadata, unary);
      call.cancelWithStatus(status.INTERNAL, `Request message serialization failure: ${message}`);
    }
    return unary;
  }
}

/** What a caller holds of a unary call, and what hears its answer. */
class UnaryCall<O> extends EventEmitter implements ClientUnaryCall {
  private value: O | undefined;
  private hasValue = false;

  constructor(
    private readonly running: Http2Call,
    private readonly deserialize: (value: Buffer) => O,
    private readonly callback: Callback<O>,
  ) {
    super();
  }

  cancel(): void {
    this.running.cancelWithStatus(status.CANCELLED, 'Cancelled on client');
  }

  getPeer(): string {
    return this.running.getPeer();
  }

  getAuthContext(): null {
    return null;
  }

  onReceiveMetadata(metadata: Metadata): void {
    this.emit('metadata', metadata);
  }

  onReceiveMessage(message: Buffer): void {
    try {
      this.value = this.deserialize(message);
      this.hasValue = true;
    } catch (error) {
      this.running.cancelWithStatus(status.INTERNAL, `Response message parsing error: ${textOf(error)}`);
    }
  }

  onReceiveStatus(final: StatusObject): void {
    if (final.code !== status.OK) this.callback(errorOf(final));
    else if (this.hasValue) this.callback(null, this.value);
    else this.callback(errorOf(statusOf(status.UNIMPLEMENTED, 'No message received', final.metadata)));
    this.emit('status', final);
  }
}

function partsOf<O>(rest: Rest<O>): { metadata: Metadata; options: CallOptions; callback: Callback<O> } {
  const callback = rest[rest.length - 1];
  const [first, second] = rest;
  if (typeof callback !== 'function') throw new Error('a unary call needs a callback as its last argument');
  const metadata = first instanceof Metadata ? first : new Metadata();
  const options = first instanceof Metadata ? second : first;
  return { metadata, options: typeof options === 'object' ? options : {}, callback: callback as Callback<O> };
}

function isPlain({ interceptors, interceptor_providers: providers, credentials, parent }: CallOptions): boolean {
  return !interceptors && !providers && !credentials && !parent;
}

/** Or why it cannot be written. */
function written<I>(serialize: (value: I) => Buffer, argument: I): Buffer | string {
  try {
    return serialize(argument);
  } catch (error) {
    return textOf(error);
  }
}

function errorOf({ code, details, metadata }: StatusObject): ServiceError {
  return Object.assign(new Error(`${code} ${status[code]}: ${details}`), { code, details, metadata });
}

import {
  create,
  type DescMessage,
  type DescMethod,
  type DescMethodUnary,
  type DescService,
  fromBinary,
  type MessageInitShape,
  type MessageShape,
  toBinary,
} from '@bufbuild/protobuf';
import { type Client, Metadata } from '@grpc/grpc-js';
import { attemptsOf, openClient, unaryCall } from '#libs/calls';
import type { CallFor, PrincipalTokens } from '#libs/identity';
import { callSignal, remainingTime } from './call-context.js';

const DEFAULT_TIMEOUT_MS = 5_000;

const CHANNEL_OPTIONS = { 'grpc.max_receive_message_length': 4 * 1024 * 1024 };

export interface GrpcClientOptions {
  readonly tokens: Pick<PrincipalTokens, 'mint'>;
  /** Name of the called service. */
  readonly audience: string;
  /** For whom calls are made, e.g. `{ subject: serviceSubject('orders'), scopes: [] }`; a call can say otherwise. */
  readonly as: CallFor;
}

export interface CallOptions {
  readonly as?: CallFor;
  /** Default 5,000 ms. The deadline of the incoming call applies in any case. */
  readonly timeoutMs?: number;
}

type UnaryMethods<S extends DescService> = {
  [K in keyof S['method'] as S['method'][K] extends DescMethodUnary
    ? K
    : never]: S['method'][K] extends DescMethodUnary<infer I, infer O>
    ? (request: MessageInitShape<I>, options?: CallOptions) => Promise<MessageShape<O>>
    : never;
};

/** The unary RPCs of a service as methods. They reject with grpc-js's ServiceError: see `fromServiceError`. */
export type GrpcClient<S extends DescService> = UnaryMethods<S> & {
  /** Closes the channel; running calls end first. */
  close(): void;
};

/**
 * A typed client for calls from service to service, over all replicas behind `host:port` or a list of such. Calls carry a
 * signed principal, end with the deadline of the incoming call they are made for, and are cancelled with it; they are sent
 * again as `#libs/calls` says.
 */
export function grpcClient<S extends DescService>(
  service: S,
  address: string,
  options: GrpcClientOptions,
): GrpcClient<S> {
  const channel = openClient(address, CHANNEL_OPTIONS);
  const methods = service.methods
    .filter((method) => method.methodKind === 'unary')
    .map((method) => [
      method.localName,
      (request: Init, call?: CallOptions) => send({ channel, method, options }, request, call),
    ]);
  return Object.assign(Object.fromEntries(methods), { close: () => channel.close() });
}

type Init = MessageInitShape<DescMessage>;

interface Target {
  readonly channel: Client;
  readonly method: DescMethod;
  readonly options: GrpcClientOptions;
}

async function send({ channel, method, options }: Target, request: Init, call: CallOptions = {}): Promise<unknown> {
  const metadata = new Metadata();
  const token = await options.tokens.mint(call.as ?? options.as, options.audience);
  metadata.set('authorization', `Bearer ${token}`);
  const timeout = Math.min(call.timeoutMs ?? DEFAULT_TIMEOUT_MS, remainingTime() ?? Number.POSITIVE_INFINITY);
  return unaryCall({
    client: channel,
    path: `/${method.parent.typeName}/${method.name}`,
    request,
    serialize: (value: Init) => Buffer.from(toBinary(method.input, create(method.input, value))),
    deserialize: (bytes: Buffer) => fromBinary(method.output, bytes),
    metadata,
    attempts: attemptsOf(method),
    deadline: Date.now() + timeout,
    signal: callSignal(),
  });
}

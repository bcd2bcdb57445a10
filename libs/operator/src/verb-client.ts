import {
  create,
  type DescMethod,
  fromBinary,
  type MessageInitShape,
  type MessageShape,
  toBinary,
} from '@bufbuild/protobuf';
import { Client, credentials, Metadata } from '@grpc/grpc-js';

/** Replays join a consumer group first. */
const UNARY_LIMIT_MS = 60_000;
const CONNECT_LIMIT_MS = 5_000;

/** Calls the operator verbs of one service. Rejects with grpc-js's ServiceError. */
export class VerbClient {
  private readonly channel: Client;

  constructor(
    readonly service: string,
    address: string,
    private readonly token: string,
  ) {
    this.channel = new Client(address, credentials.createInsecure(), { 'grpc.enable_retries': 0 });
  }

  async call<M extends DescMethod>(
    method: M,
    request: MessageInitShape<M['input']>,
  ): Promise<MessageShape<M['output']>> {
    await this.connected();
    const { promise, resolve, reject } = Promise.withResolvers<MessageShape<M['output']>>();
    this.channel.makeUnaryRequest(
      pathOf(method),
      (value: MessageInitShape<M['input']>) => encode(method, value),
      (bytes: Buffer) => decode(method, bytes),
      request,
      this.metadata(),
      { deadline: Date.now() + UNARY_LIMIT_MS },
      (error, answer) => (error || !answer ? reject(error) : resolve(answer)),
    );
    return promise;
  }

  async *stream<M extends DescMethod>(
    method: M,
    request: MessageInitShape<M['input']>,
  ): AsyncGenerator<MessageShape<M['output']>> {
    await this.connected();
    const answers = this.channel.makeServerStreamRequest(
      pathOf(method),
      (value: MessageInitShape<M['input']>) => encode(method, value),
      (bytes: Buffer) => decode(method, bytes),
      request,
      this.metadata(),
    );
    yield* answers;
  }

  close(): void {
    this.channel.close();
  }

  /** Without this, a call to a service that is away would wait for its whole time. */
  private async connected(): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.channel.waitForReady(Date.now() + CONNECT_LIMIT_MS, (error) => {
      if (error) reject(new Error(`${this.service} does not answer on its operator listener`, { cause: error }));
      else resolve();
    });
    await promise;
  }

  private metadata(): Metadata {
    const metadata = new Metadata();
    metadata.set('authorization', `Bearer ${this.token}`);
    return metadata;
  }
}

const pathOf = (method: DescMethod): string => `/${method.parent.typeName}/${method.name}`;

const encode = <M extends DescMethod>(method: M, value: MessageInitShape<M['input']>): Buffer =>
  Buffer.from(toBinary(method.input, create(method.input, value)));

// What `M['output']` stands for is lost on the way through the descriptor's own type.
const decode = <M extends DescMethod>(method: M, bytes: Buffer) =>
  fromBinary(method.output, bytes) as MessageShape<M['output']>;

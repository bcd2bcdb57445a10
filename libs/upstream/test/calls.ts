import {
  type Client,
  type ClientReadableStream,
  type ClientUnaryCall,
  Metadata,
  type StatusObject,
} from '@grpc/grpc-js';

export const asIs = (bytes: Buffer): Buffer => bytes;

export interface CallSettings {
  readonly path?: string;
  readonly metadata?: Metadata;
  readonly deadline?: number;
  /** Gets the call when it has begun. */
  readonly begun?: (call: ClientUnaryCall) => void;
}

export interface Answer {
  readonly message: Buffer;
  readonly initial: Metadata;
  readonly trailing: Metadata;
}

/** One unary call; rejects with grpc-js's ServiceError. */
export function unary(client: Client, message: string | Buffer = '', settings: CallSettings = {}): Promise<Answer> {
  const { path = '/test.Echo/Unary', metadata = new Metadata(), deadline = Date.now() + 10_000, begun } = settings;
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const told: { message?: Buffer; initial: Metadata } = { initial: new Metadata() };
  const options = { deadline };
  const call = client.makeUnaryRequest(
    ...([path, asIs, asIs, Buffer.from(message), metadata, options] as const),
    (error, answer) => {
      if (error || answer === undefined) reject(error);
      else told.message = answer;
    },
  );
  call.on('metadata', (initial: Metadata) => {
    told.initial = initial;
  });
  call.on('status', ({ code, metadata: trailing }: StatusObject) => {
    if (code === 0 && told.message) resolve({ message: told.message, initial: told.initial, trailing });
  });
  begun?.(call);
  return promise;
}

/** A server-streaming call. */
export function serverStream(
  client: Client,
  message: string,
  { path = '/test.Echo/Server', deadline = Date.now() + 10_000 }: CallSettings = {},
): ClientReadableStream<Buffer> {
  return client.makeServerStreamRequest(path, asIs, asIs, Buffer.from(message), new Metadata(), { deadline });
}

/** All messages of a stream as text. */
export async function textsOf(stream: AsyncIterable<Buffer>): Promise<string[]> {
  const texts: string[] = [];
  for await (const bytes of stream) texts.push(bytes.toString());
  return texts;
}

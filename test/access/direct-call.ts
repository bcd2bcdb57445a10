import { type DescMethod, fromJson, type JsonObject, toBinary } from '@bufbuild/protobuf';
import { Client, credentials, Metadata, type ServiceError, status } from '@grpc/grpc-js';

export interface DirectCall {
  readonly address: string;
  readonly rpc: DescMethod;
  readonly request: JsonObject;
  readonly metadata: Readonly<Record<string, string>>;
}

/** Calls a service past the gateway, as anybody in its network could: the gRPC status of the answer. */
export async function directCall({ address, rpc, request, metadata }: DirectCall): Promise<status> {
  const client = new Client(address, credentials.createInsecure());
  const sent = new Metadata();
  for (const [name, value] of Object.entries(metadata)) sent.set(name, value);
  const path = `/${rpc.parent.typeName}/${rpc.name}`;
  const bytes = () => Buffer.from(toBinary(rpc.input, fromJson(rpc.input, request)));
  const options = { deadline: Date.now() + 20_000 };
  const { promise, resolve } = Promise.withResolvers<status>();
  const end = (error: ServiceError | null) => resolve(error?.code ?? status.OK);
  if (rpc.methodKind === 'server_streaming') {
    const stream = client.makeServerStreamRequest(path, bytes, String, request, sent, options);
    stream.once('data', () => end(null)).once('end', () => end(null));
    stream.once('error', end);
    promise.finally(() => stream.cancel());
  } else {
    client.makeUnaryRequest(path, bytes, () => '', request, sent, options, end);
  }
  return promise.finally(() => client.close());
}

import {
  create,
  type DescMessage,
  type DescService,
  fromBinary,
  type MessageInitShape,
  toBinary,
} from '@bufbuild/protobuf';
import type { loadPackageDefinition, ServiceDefinition } from '@grpc/grpc-js';

export type PackageDefinition = Parameters<typeof loadPackageDefinition>[0];

const serialize = (message: DescMessage) => (value: MessageInitShape<DescMessage>) =>
  Buffer.from(toBinary(message, create(message, value)));
const deserialize = (message: DescMessage) => (bytes: Buffer) => fromBinary(message, bytes);

/** A grpc-js service definition: handlers take messages of protobuf-es and may return plain init shapes. */
export function serviceDefinition(service: DescService): ServiceDefinition {
  return Object.fromEntries(
    service.methods.map((method) => [
      method.name,
      {
        path: `/${service.typeName}/${method.name}`,
        originalName: method.localName,
        requestStream: method.methodKind === 'client_streaming' || method.methodKind === 'bidi_streaming',
        responseStream: method.methodKind === 'server_streaming' || method.methodKind === 'bidi_streaming',
        requestSerialize: serialize(method.input),
        requestDeserialize: deserialize(method.input),
        responseSerialize: serialize(method.output),
        responseDeserialize: deserialize(method.output),
      },
    ]),
  );
}

/** What Nest's gRPC transport takes as `packageDefinition`, so that no .proto file is loaded at run time. */
export function packageDefinition(...services: DescService[]): PackageDefinition {
  return Object.fromEntries(
    services.map((service) => [service.typeName, serviceDefinition(service)]),
  ) as PackageDefinition;
}

import type { DescMethod } from '@bufbuild/protobuf';

// Field numbers in google/protobuf/descriptor.proto: FileDescriptorProto.service, ServiceDescriptorProto.method.
const SERVICE = 6;
const METHOD = 2;

/** Where an RPC is written, as `library.proto:12:3`; the file alone where its descriptors do not say (reflection). */
export function rpcPlace(rpc: DescMethod): string {
  const { file } = rpc.parent;
  const path = [SERVICE, file.services.indexOf(rpc.parent), METHOD, rpc.parent.methods.indexOf(rpc)].join();
  const span = file.proto.sourceCodeInfo?.location.find((location) => location.path.join() === path)?.span;
  const [line, column] = span ?? [];
  return line === undefined || column === undefined ? file.proto.name : `${file.proto.name}:${line + 1}:${column + 1}`;
}

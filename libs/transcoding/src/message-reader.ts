import type { Registry } from '@bufbuild/protobuf';
import { type Dialect, REQUEST_RULES } from './dialect.js';
import type { FieldPath } from './field-path.js';
import { GrpcGatewayReader } from './grpc-gateway/gateway-reader.js';
import { type MessageReader, RequestReader } from './request.js';
import type { Route } from './route.js';

/** The reader by reflection of a route's requests. */
export function messageReader(
  route: Route,
  registry: Registry,
  { dialect, reserved }: { readonly dialect: Dialect; readonly reserved?: FieldPath | undefined },
): MessageReader {
  if (dialect === 'grpc-gateway') return new GrpcGatewayReader(route, registry, reserved);
  return new RequestReader(route, registry, { rules: REQUEST_RULES[dialect], reserved });
}

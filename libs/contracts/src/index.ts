export { assertMaySend, channelMessages, channelOf, ownerOf, sendersOf, services, topics } from './channel.js';
export {
  type FieldRules,
  FieldRulesSchema,
  field as fieldRules,
  Ignore,
  message as messageRules,
  oneof as oneofRules,
  type StringRules,
  StringRulesSchema,
} from './gen/buf/validate/validate_pb.js';
export * from './gen/gateway/v1/policy_pb.js';
export * from './gen/gateway/v1/sessions_pb.js';
export { http } from './gen/google/api/annotations_pb.js';
export type { HttpRule } from './gen/google/api/http_pb.js';
export { Code } from './gen/google/rpc/code_pb.js';
export * from './gen/google/rpc/error_details_pb.js';
export { type Status, StatusSchema } from './gen/google/rpc/status_pb.js';
export * from './gen/messaging/v1/options_pb.js';
export * from './gen/operator/v1/audit_pb.js';
export * from './gen/operator/v1/dead_letters_pb.js';
export * from './gen/operator/v1/keys_pb.js';
export * from './gen/operator/v1/options_pb.js';
export * from './gen/operator/v1/orders_pb.js';
export * from './gen/operator/v1/payments_pb.js';
export * from './gen/operator/v1/sagas_pb.js';
export * from './gen/operator/v1/users_pb.js';
export * from './gen/store/inventory/v1/commands_pb.js';
export * from './gen/store/inventory/v1/events_pb.js';
export * from './gen/store/inventory/v1/inventory_pb.js';
export * from './gen/store/inventory/v1/replies_pb.js';
export * from './gen/store/orders/v1/commands_pb.js';
export * from './gen/store/orders/v1/events_pb.js';
export * from './gen/store/orders/v1/orders_pb.js';
export * from './gen/store/orders/v1/replies_pb.js';
export * from './gen/store/payments/v1/commands_pb.js';
export * from './gen/store/payments/v1/events_pb.js';
export * from './gen/store/payments/v1/payments_pb.js';
export * from './gen/store/payments/v1/replies_pb.js';
export * from './gen/store/type/v1/money_pb.js';
export * from './gen/store/users/v1/events_pb.js';
export * from './gen/store/users/v1/users_pb.js';
export { type PackageDefinition, packageDefinition, serviceDefinition } from './grpc.js';

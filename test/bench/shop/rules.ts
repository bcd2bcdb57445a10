import { create, fromBinary, fromJson, type JsonObject, setExtension, toBinary } from '@bufbuild/protobuf';
import { FieldOptionsSchema, FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import { FieldRulesSchema, fieldRules } from '#libs/contracts';

const ID = { string: { minLen: '1', maxLen: '64' } };

/** What a store would write into its protos by `buf.validate`; apart from them, since the other gateways cannot read it. */
const RULES: Readonly<Record<string, JsonObject>> = {
  'GetProductRequest.id': ID,
  'ListProductsRequest.page_size': { int32: { gte: 0, lte: 200 } },
  'ListProductsRequest.page_token': { string: { maxLen: '512' } },
  'Money.currency': { string: { len: '3' } },
  'Money.nanos': { int32: { gte: 0, lte: 999_999_999 } },
  'Line.product_id': ID,
  'Line.quantity': { int32: { gte: 1, lte: 1000 } },
  'Line.unit_price': { required: true },
  'CreateOrderRequest.customer_id': ID,
  'CreateOrderRequest.lines': { repeated: { minItems: '1', maxItems: '100' } },
  'CreateOrderRequest.ship_to': { string: { minLen: '1', maxLen: '200' } },
  'CreateOrderRequest.request_id': ID,
};

/** A descriptor set with these rules in its options. @throws when a rule is for a field that is not there */
export function withRules(descriptors: Uint8Array): Uint8Array {
  const set = fromBinary(FileDescriptorSetSchema, descriptors);
  const messages = set.file.filter((file) => file.package === 'bench.v1').flatMap((file) => file.messageType);
  for (const [path, rule] of Object.entries(RULES)) {
    const [message, name] = path.split('.');
    const field = messages.find((it) => it.name === message)?.field.find((it) => it.name === name);
    if (!field) throw new Error(`shop.proto has no ${path}`);
    field.options ??= create(FieldOptionsSchema);
    setExtension(field.options, fieldRules, fromJson(FieldRulesSchema, rule));
  }
  return toBinary(FileDescriptorSetSchema, set);
}

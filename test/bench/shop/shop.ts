import type { JsonObject, JsonValue } from '@bufbuild/protobuf';

export const KINDS = ['get', 'list', 'create'] as const;

export type Kind = (typeof KINDS)[number];

/** Kinds of request, separated by commas. @throws naming the one that is none */
export function kindsNamed(names: string): Kind[] {
  return names.split(',').map((name) => {
    const kind = KINDS.find((it) => it === name);
    if (kind) return kind;
    throw new Error(`--kinds ${name}: there are ${KINDS.join(', ')}`);
  });
}

/** A request over HTTP, what the service must be asked because of it, and what it answers: JSON forms of the messages. */
export interface ShopCase {
  readonly rpc: string;
  readonly method: 'GET' | 'POST';
  readonly target: string;
  readonly body?: JsonObject;
  readonly request: JsonObject;
  readonly response: JsonObject;
}

// No field is 0, empty or left out: what gateways write for such fields differs, and all are right.
const CREATED = '2026-01-15T09:30:12.345Z';

function product(number: number): JsonObject {
  return {
    id: `product-${String(number).padStart(4, '0')}`,
    name: `Enamelled steel kettle no. ${number}`,
    description: 'Holds 1.7 litres and sings as the water boils; the "cool touch" handle is of ash wood — for any hob.',
    price: { currency: 'EUR', units: String(40 + number), nanos: 950_000_000 },
    tags: ['kitchen', 'kettles', 'enamel'],
    inStock: 60 + number,
    createTime: CREATED,
  };
}

const lines = Array.from({ length: 5 }, (_, index) => ({
  productId: `product-${String(index + 1).padStart(4, '0')}`,
  quantity: index + 1,
  unitPrice: { currency: 'EUR', units: String(41 + index), nanos: 950_000_000 },
}));

const order: JsonObject = {
  customerId: 'customer-000017',
  lines,
  shipTo: 'Gärtnerstraße 5, 20253 Hamburg, Germany',
  requestId: '6f1b0c9e-3d1a-4a55-9d53-0b0d7c2f7a31',
};

/** One read of 329 bytes, a list of 50 of them, an order of five lines. */
export const CASES: Readonly<Record<Kind, ShopCase>> = {
  get: {
    rpc: 'GetProduct',
    method: 'GET',
    target: '/v1/products/product-0001',
    request: { id: 'product-0001' },
    response: product(1),
  },
  list: {
    rpc: 'ListProducts',
    method: 'GET',
    target: '/v1/products?pageSize=50&pageToken=b2Zmc2V0PTUw',
    request: { pageSize: 50, pageToken: 'b2Zmc2V0PTUw' },
    response: {
      products: Array.from({ length: 50 }, (_, index) => product(index + 1)),
      nextPageToken: 'b2Zmc2V0PTEwMA',
    },
  },
  create: {
    rpc: 'CreateOrder',
    method: 'POST',
    target: '/v1/orders',
    body: order,
    request: order,
    response: {
      id: 'order-00000001',
      customerId: 'customer-000017',
      state: 'PENDING',
      lines,
      total: { currency: 'EUR', units: '659', nanos: 250_000_000 },
      createTime: CREATED,
    },
  },
};

/** A stream of one product that stays open. */
export const WATCH: ShopCase = {
  rpc: 'WatchProduct',
  method: 'GET',
  target: '/v1/products/product-0001:watch',
  request: { id: 'product-0001' },
  response: product(1),
};

/**
 * The same with timestamps as messages of their own, which is how gateways answer that pass on what proto-loader decodes. They
 * are spared the conversion, and their answers count as right.
 */
export function withTimestampMessages(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(withTimestampMessages);
  if (typeof value !== 'object' || value === null) return value === CREATED ? timestampMessage(value) : value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, withTimestampMessages(part)]));
}

function timestampMessage(text: string): JsonObject {
  const milliseconds = Date.parse(text);
  return { seconds: String(Math.floor(milliseconds / 1000)), nanos: (milliseconds % 1000) * 1_000_000 };
}

import { randomUUID } from 'node:crypto';
import {
  create,
  type DescMessage,
  fromJsonString,
  type MessageInitShape,
  type MessageShape,
  toJson,
} from '@bufbuild/protobuf';
import {
  CreateSessionRequestSchema,
  CreateUserRequestSchema,
  ListProductsResponseSchema,
  type Order,
  OrderChangeSchema,
  OrderSchema,
  PlaceOrderRequestSchema,
  type Product,
  ProductSchema,
  SessionSchema,
  type User,
  UserSchema,
} from '#libs/contracts';
import { serverSentEvents } from './server-sent-events.js';

/** The store refused a request: the status and the problem document (RFC 9457). */
export class RequestRefusedError extends Error {
  constructor(
    readonly status: number,
    readonly problem: unknown,
    what: string,
  ) {
    super(`${what} was answered ${status}: ${JSON.stringify(problem)}`);
    this.name = 'RequestRefusedError';
  }
}

export interface Credentials {
  email: string;
  password: string;
}

export type NewOrder = MessageInitShape<typeof PlaceOrderRequestSchema>;

/** An accepted order, and the trace of the request that placed it. */
export interface Accepted {
  order: Order;
  traceId: string | undefined;
  /** Under which the same request may be sent again. */
  idempotencyKey: string;
}

interface Call<D extends DescMessage> {
  method: string;
  path: string;
  answer: D;
  body?: unknown;
  headers?: Record<string, string>;
}

/**
 * The store's REST API for a program on Node: one method per request of a shopper, typed by the contracts.
 * Every method throws a RequestRefusedError when the answer is not 2xx, and has a limit of 30 s.
 */
export class StoreClient {
  /** @param url of the gateway @param accessToken of the signed-in user, if there is one */
  constructor(
    readonly url: string,
    private readonly accessToken?: string,
  ) {}

  /** Signs up a customer. */
  async signUp(credentials: Credentials): Promise<User> {
    const body = toJson(CreateUserRequestSchema, create(CreateUserRequestSchema, credentials));
    return (await this.send({ method: 'POST', path: '/v1/users', body, answer: UserSchema })).message;
  }

  /** Signs in and gives a client that acts for this user. */
  async signIn(credentials: Credentials): Promise<StoreClient> {
    const body = toJson(CreateSessionRequestSchema, create(CreateSessionRequestSchema, credentials));
    const { message } = await this.send({ method: 'POST', path: '/v1/sessions', body, answer: SessionSchema });
    return new StoreClient(this.url, message.accessToken);
  }

  /** The first hundred products. */
  async products(): Promise<Product[]> {
    const path = '/v1/products?pageSize=100';
    return (await this.send({ method: 'GET', path, answer: ListProductsResponseSchema })).message.products;
  }

  async product(sku: string): Promise<Product> {
    return (await this.send({ method: 'GET', path: `/v1/products/${sku}`, answer: ProductSchema })).message;
  }

  /** Places an order; the same key again gives the same order. */
  async placeOrder(order: NewOrder, idempotencyKey: string = randomUUID()): Promise<Accepted> {
    const body = toJson(PlaceOrderRequestSchema, create(PlaceOrderRequestSchema, order));
    const headers = { 'idempotency-key': idempotencyKey };
    const { message, response } = await this.send({
      method: 'POST',
      path: '/v1/orders',
      body,
      headers,
      answer: OrderSchema,
    });
    // https://www.w3.org/TR/trace-context-2/#trace-response: version-traceId-…
    const traceId = response.headers.get('traceresponse')?.split('-')[1];
    return { order: message, traceId, idempotencyKey };
  }

  async order(id: string): Promise<Order> {
    return (await this.send({ method: 'GET', path: `/v1/orders/${id}`, answer: OrderSchema })).message;
  }

  /** The order as it is, then again after each change; ends with its terminal state. Limit: one minute. */
  async *watchOrder(id: string): AsyncGenerator<Order> {
    const path = `/v1/orders/${id}:watch`;
    const response = await fetch(this.url + path, {
      headers: { ...this.authorization(), accept: 'text/event-stream' },
      signal: AbortSignal.timeout(60_000),
    });
    if (!response.ok || response.body === null) throw await refusal(response, `GET ${path}`);
    for await (const { event, data } of serverSentEvents(response.body)) {
      if (event === 'error') throw new RequestRefusedError(response.status, JSON.parse(data), `GET ${path}`);
      const { order } = fromJsonString(OrderChangeSchema, data);
      if (order) yield order;
    }
  }

  private async send<D extends DescMessage>(call: Call<D>): Promise<{ message: MessageShape<D>; response: Response }> {
    const response = await fetch(this.url + call.path, {
      method: call.method,
      headers: {
        ...this.authorization(),
        ...(call.body !== undefined && { 'content-type': 'application/json' }),
        ...call.headers,
      },
      body: call.body === undefined ? undefined : JSON.stringify(call.body),
      signal: AbortSignal.timeout(30_000),
    });
    if (!response.ok) throw await refusal(response, `${call.method} ${call.path}`);
    return { message: fromJsonString(call.answer, await response.text()), response };
  }

  private authorization(): Record<string, string> {
    return this.accessToken ? { authorization: `Bearer ${this.accessToken}` } : {};
  }
}

async function refusal(response: Response, what: string): Promise<RequestRefusedError> {
  const text = await response.text();
  try {
    return new RequestRefusedError(response.status, JSON.parse(text), what);
  } catch {
    return new RequestRefusedError(response.status, text, what);
  }
}

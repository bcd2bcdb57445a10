import { randomUUID } from 'node:crypto';
import { create, fromBinary, type MessageInitShape, type MessageShape, toBinary } from '@bufbuild/protobuf';
import { Client, credentials, Metadata, type ServiceError } from '@grpc/grpc-js';
import {
  type ListOrdersRequestSchema,
  type Order,
  type OrderChange,
  Orders,
  type PlaceOrderRequestSchema,
  type Refund,
  Refund_Reason,
  type RefundOrderRequestSchema,
} from '#libs/contracts';
import { fromServiceError, type ReceivedError } from '#libs/errors';
import type { TestCaller } from '#libs/testing';

type Method = Exclude<(typeof Orders.methods)[number], { methodKind: 'server_streaming' }>;

export interface CallMore {
  readonly key?: string;
  readonly timeoutMs?: number;
}

/** A principal who calls orders through a trusted caller, as the gateway does it. */
export class Customer {
  private readonly channel: Client;

  constructor(
    address: string,
    private readonly caller: TestCaller,
    readonly subject: string,
    private readonly scopes = 'orders:read orders:write',
  ) {
    this.channel = new Client(address, credentials.createInsecure());
  }

  place(request: MessageInitShape<typeof PlaceOrderRequestSchema>, more?: CallMore): Promise<Order> {
    return this.call(Orders.method.placeOrder, { paymentMethod: 'pm_card_visa', ...request }, more);
  }

  get = (id: string): Promise<Order> => this.call(Orders.method.getOrder, { id });
  cancel = (id: string): Promise<Order> => this.call(Orders.method.cancelOrder, { id });
  refund = (
    request: MessageInitShape<typeof RefundOrderRequestSchema>,
    key = randomUUID() as string,
  ): Promise<Refund> => this.call(Orders.method.refundOrder, { reason: Refund_Reason.GOODWILL, ...request }, { key });
  history = (orderId: string, page: { pageSize?: number; pageToken?: string } = {}) =>
    this.call(Orders.method.listOrderHistory, { orderId, ...page });
  listBy = (request: MessageInitShape<typeof ListOrdersRequestSchema>) => this.call(Orders.method.listOrders, request);
  list = (pageSize = 0, pageToken = '') => this.call(Orders.method.listOrders, { pageSize, pageToken });

  /** What the server sends, until it ends the stream or `enough` says so. */
  async watch(id: string, afterSequence = 0n, enough = (_: OrderChange[]) => false): Promise<OrderChange[]> {
    const { input, output, parent, name } = Orders.method.watchOrder;
    const stream = this.channel.makeServerStreamRequest(
      `/${parent.typeName}/${name}`,
      (value: MessageShape<typeof input>) => Buffer.from(toBinary(input, value)),
      (bytes) => fromBinary(output, bytes),
      create(input, { id, afterSequence }),
      await this.metadata(),
      { deadline: Date.now() + 20_000 },
    );
    const changes: OrderChange[] = [];
    for await (const change of stream) {
      changes.push(change);
      if (enough(changes)) break;
    }
    return changes;
  }

  close(): void {
    this.channel.close();
  }

  private async call<M extends Method>(
    method: M,
    request: MessageInitShape<M['input']>,
    { key, timeoutMs = 10_000 }: CallMore = {},
  ): Promise<MessageShape<M['output']>> {
    const { promise, resolve, reject } = Promise.withResolvers<MessageShape<M['output']>>();
    this.channel.makeUnaryRequest(
      `/${method.parent.typeName}/${method.name}`,
      (value: MessageShape<M['input']>) => Buffer.from(toBinary<M['input']>(method.input, value)),
      (bytes) => fromBinary<M['output']>(method.output, bytes),
      create<M['input']>(method.input, request),
      await this.metadata(key),
      { deadline: Date.now() + timeoutMs },
      (error, answer) => (error || !answer ? reject(error) : resolve(answer)),
    );
    return promise;
  }

  private async metadata(key?: string): Promise<Metadata> {
    const token = await this.caller.token({
      audience: 'orders',
      subject: this.subject,
      scopes: this.scopes.split(' '),
    });
    const metadata = new Metadata();
    metadata.set('authorization', `Bearer ${token}`);
    if (key) metadata.set('idempotency-key', key);
    return metadata;
  }
}

/** The error that a call was refused with. */
export async function refusalOf(call: Promise<unknown>): Promise<ReceivedError> {
  const error: unknown = await call.then(
    () => {
      throw new Error('nothing was refused');
    },
    (reason: ServiceError) => reason,
  );
  return fromServiceError(error);
}

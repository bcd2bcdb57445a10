import type { MessageInitShape } from '@bufbuild/protobuf';
import { Controller } from '@nestjs/common';
import { Payload } from '@nestjs/microservices';
import { from, NEVER, type Observable, startWith } from 'rxjs';
import {
  type CancelOrderRequest,
  type GetOrderRequest,
  type ListOrderHistoryResponseSchema,
  type ListOrdersResponseSchema,
  type OrderChangeSchema,
  type OrderSchema,
  Orders,
  type PlaceOrderRequest,
  type RefundOrderRequest,
  type RefundSchema,
} from '#libs/contracts';
import { DomainError } from '#libs/errors';
import { CurrentPrincipal, type Principal } from '#libs/identity';
import { callSignal, Rpc, remainingTime } from '../src/index.js';

type Order = MessageInitShape<typeof OrderSchema>;

/** Orders whose id says what happens to the call. */
export const IDS = {
  deadline: '00000000-0000-4000-8000-000000000001',
  bug: '00000000-0000-4000-8000-000000000002',
  missing: '00000000-0000-4000-8000-000000000003',
  waits: '00000000-0000-4000-8000-000000000004',
};

/** Handlers of the orders service that show what the library around them does. */
@Controller()
export class Till {
  /** Resolves calls for `IDS.waits`. */
  readonly release = Promise.withResolvers<void>();
  readonly entered = Promise.withResolvers<void>();
  readonly givenUp = Promise.withResolvers<void>();

  @Rpc(Orders.method.placeOrder)
  async placeOrder(@Payload() { lines }: PlaceOrderRequest, @CurrentPrincipal() principal: Principal): Promise<Order> {
    return { id: principal.subject, lines: lines.map(({ sku, quantity }) => ({ sku, quantity })) };
  }

  @Rpc(Orders.method.getOrder)
  async getOrder(@Payload() { id }: GetOrderRequest): Promise<Order> {
    if (id === IDS.bug) throw new TypeError('cannot read properties of someone@canary.example');
    if (id === IDS.missing) throw new DomainError('ORDER_NOT_FOUND');
    if (id === IDS.waits) {
      callSignal()?.addEventListener('abort', () => this.givenUp.resolve());
      this.entered.resolve();
      await this.release.promise;
    }
    return { id: String(remainingTime()) };
  }

  @Rpc(Orders.method.listOrders)
  async listOrders(): Promise<MessageInitShape<typeof ListOrdersResponseSchema>> {
    return { orders: [] };
  }

  @Rpc(Orders.method.cancelOrder)
  async cancelOrder(@Payload() { id }: CancelOrderRequest): Promise<Order> {
    return { id };
  }

  @Rpc(Orders.method.listOrderHistory)
  async listOrderHistory(): Promise<MessageInitShape<typeof ListOrderHistoryResponseSchema>> {
    return {};
  }

  @Rpc(Orders.method.refundOrder)
  async refundOrder(@Payload() { id }: RefundOrderRequest): Promise<MessageInitShape<typeof RefundSchema>> {
    return { id };
  }

  @Rpc(Orders.method.watchOrder)
  watchOrder(): Observable<MessageInitShape<typeof OrderChangeSchema>> {
    return from(NEVER).pipe(startWith({ sequence: 1n }));
  }
}

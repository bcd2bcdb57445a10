import type { Metadata } from '@grpc/grpc-js';
import { Controller } from '@nestjs/common';
import { Ctx, Payload } from '@nestjs/microservices';
import { Orders, type PlaceOrderRequest } from '#libs/contracts';
import { CurrentPrincipal, type Principal } from '#libs/identity';
import { callSignal, drainSignal, Rpc, remainingTime } from '#libs/service';
import { withSpan } from '#libs/telemetry';
import { isTerminal, type Order } from '../order.js';
import { toProto } from '../order.proto.js';
import { OrderChanges } from '../watch-order/order-changes.js';
import { PlaceOrder } from './place-order.js';

/** What an answer needs on its way back: a wait ends so long before the call's deadline. */
const ANSWER_MS = 300;

@Controller()
export class PlaceOrderHandler {
  constructor(
    private readonly placeOrder: PlaceOrder,
    private readonly changes: OrderChanges,
  ) {}

  @Rpc(Orders.method.placeOrder)
  async place(@Payload() request: PlaceOrderRequest, @CurrentPrincipal() caller: Principal, @Ctx() metadata: Metadata) {
    return withSpan('orders.place', {}, async (span) => {
      const idempotencyKey = metadata.get('idempotency-key')[0]?.toString();
      const order = await this.placeOrder.place({ customerId: caller.subject, request, idempotencyKey });
      span.setAttribute('order.id', order.id);
      return toProto(await this.outcome(order, request.waitSeconds));
    });
  }

  /** The order at its end, or as it is after `seconds`. */
  private async outcome(order: Order, seconds: number): Promise<Order> {
    const limit = Math.min(seconds * 1000, (remainingTime() ?? Number.POSITIVE_INFINITY) - ANSWER_MS);
    if (limit <= 0 || isTerminal(order.status.state)) return order;
    const signals = [AbortSignal.timeout(limit), callSignal(), drainSignal()].filter((signal) => signal !== undefined);
    let latest = order;
    for await (const change of this.changes.follow(order.id, order.sequence, AbortSignal.any(signals))) latest = change;
    return latest;
  }
}

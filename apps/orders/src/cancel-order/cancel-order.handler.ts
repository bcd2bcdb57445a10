import { Controller } from '@nestjs/common';
import { Payload } from '@nestjs/microservices';
import { type CancelOrderRequest, Orders } from '#libs/contracts';
import { DomainError } from '#libs/errors';
import { CurrentPrincipal, type Principal } from '#libs/identity';
import { Log, Rpc } from '#libs/service';
import { toProto } from '../order.proto.js';
import { OrderAccess } from '../order-access.js';
import { PlaceOrderProcess } from '../place-order/place-order.process.js';

@Controller()
export class CancelOrderHandler {
  constructor(
    private readonly access: OrderAccess,
    private readonly process: PlaceOrderProcess,
    private readonly log: Log,
  ) {}

  /**
   * Answers at once: the order stays PENDING until what was done for it is undone, and is CANCELLED then. Asking again
   * changes nothing. Too late once the payment's capture was ordered, or when the order ends for another cause.
   */
  @Rpc(Orders.method.cancelOrder)
  async cancel(@Payload() { id }: CancelOrderRequest, @CurrentPrincipal() caller: Principal) {
    await this.access.own(id, caller);
    const cancellation = await this.process.saga.cancel(id);
    const order = await this.access.own(id, caller);
    if (cancellation === 'too late') {
      throw new DomainError('ORDER_NOT_CANCELLABLE', { metadata: { state: order.status.state } });
    }
    this.log.info({ orderId: id }, 'order cancellation accepted');
    return toProto(order);
  }
}

import { Controller } from '@nestjs/common';
import { Payload } from '@nestjs/microservices';
import { type GetOrderRequest, Orders } from '#libs/contracts';
import { CurrentPrincipal, type Principal } from '#libs/identity';
import { Rpc } from '#libs/service';
import { toProto } from '../order.proto.js';
import { OrderAccess } from '../order-access.js';

@Controller()
export class GetOrderHandler {
  constructor(private readonly access: OrderAccess) {}

  @Rpc(Orders.method.getOrder)
  async get(@Payload() { id }: GetOrderRequest, @CurrentPrincipal() caller: Principal) {
    return toProto(await this.access.readable(id, caller));
  }
}

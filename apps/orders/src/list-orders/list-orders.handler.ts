import { Controller } from '@nestjs/common';
import { Payload } from '@nestjs/microservices';
import { type ListOrdersRequest, Orders } from '#libs/contracts';
import { DomainError } from '#libs/errors';
import { CurrentPrincipal, hasScope, type Principal } from '#libs/identity';
import { PageTokens } from '#libs/listing';
import { Rpc } from '#libs/service';
import { toProto } from '../order.proto.js';
import { OrderListStore } from './order-list.store.js';

@Controller()
export class ListOrdersHandler {
  constructor(
    private readonly orders: OrderListStore,
    private readonly pages: PageTokens,
  ) {}

  @Rpc(Orders.method.listOrders)
  async list(@Payload() request: ListOrdersRequest, @CurrentPrincipal() caller: Principal) {
    const { allCustomers, filter, orderBy } = request;
    if (allCustomers && !hasScope(caller, 'orders:read:all')) throw new DomainError('PERMISSION_DENIED');
    const { subject } = caller;
    const page = await this.pages.open({ method: Orders.method.listOrders, request, subject });
    const customerId = allCustomers ? undefined : subject;
    const { rows, next } = await this.orders.page({ customerId, filter, orderBy }, page);
    return { orders: rows.map(toProto), nextPageToken: page.tokenFor(next) };
  }
}

import { Controller } from '@nestjs/common';
import { Payload } from '@nestjs/microservices';
import { type ListOrderHistoryRequest, Orders } from '#libs/contracts';
import { CurrentPrincipal, type Principal } from '#libs/identity';
import { PageTokens } from '#libs/listing';
import { Rpc } from '#libs/service';
import { OrderAccess } from '../order-access.js';
import { transitionToProto } from './transition.js';
import { TransitionStore } from './transition.store.js';

@Controller()
export class ListOrderHistoryHandler {
  constructor(
    private readonly access: OrderAccess,
    private readonly transitions: TransitionStore,
    private readonly pages: PageTokens,
  ) {}

  /** The page is read before the order: a last move that is in it has its order's end beside it. */
  @Rpc(Orders.method.listOrderHistory)
  async list(@Payload() request: ListOrderHistoryRequest, @CurrentPrincipal() caller: Principal) {
    const { subject } = caller;
    await this.access.readable(request.orderId, caller);
    const page = await this.pages.open({ method: Orders.method.listOrderHistory, request, subject });
    const { rows, next } = await this.transitions.page(request.orderId, page);
    const { status } = await this.access.readable(request.orderId, caller);
    return { transitions: rows.map((row) => transitionToProto(row, status)), nextPageToken: page.tokenFor(next) };
  }
}

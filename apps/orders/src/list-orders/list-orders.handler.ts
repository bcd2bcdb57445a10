import { Controller } from '@nestjs/common';
import { Payload } from '@nestjs/microservices';
import { type ListOrdersRequest, Orders } from '#libs/contracts';
import { CurrentPrincipal, type Principal } from '#libs/identity';
import { Rpc } from '#libs/service';
import { toProto } from '../order.proto.js';
import { OrderStore } from '../order.store.js';
import { pageTokenAfter, readPageToken } from './page-token.js';

const DEFAULT_PAGE_SIZE = 20;

@Controller()
export class ListOrdersHandler {
  constructor(private readonly orders: OrderStore) {}

  @Rpc(Orders.method.listOrders)
  async list(@Payload() request: ListOrdersRequest, @CurrentPrincipal() { subject }: Principal) {
    const size = request.pageSize || DEFAULT_PAGE_SIZE;
    // One more than asked for tells whether there is another page.
    const found = await this.orders.page(subject, readPageToken(request.pageToken, subject), size + 1);
    const page = found.slice(0, size);
    const last = page.at(-1);
    return {
      orders: page.map(toProto),
      nextPageToken: last && found.length > size ? pageTokenAfter(last, subject) : '',
    };
  }
}

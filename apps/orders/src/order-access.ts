import { Injectable } from '@nestjs/common';
import { DomainError } from '#libs/errors';
import { hasScope, type Principal } from '#libs/identity';
import type { Order } from './order.js';
import { OrderStore } from './order.store.js';

/** Who may touch which order. An order that is not for the caller does not exist for the caller. */
@Injectable()
export class OrderAccess {
  constructor(private readonly orders: OrderStore) {}

  /** For the customer who placed it, and for admins. */
  async readable(id: string, caller: Principal): Promise<Order> {
    const order = await this.orders.find(id);
    const mayRead = order?.customerId === caller.subject || hasScope(caller, 'orders:read:all');
    if (!order || !mayRead) throw new DomainError('ORDER_NOT_FOUND');
    return order;
  }

  /** For the customer who placed it alone. */
  async own(id: string, caller: Principal): Promise<Order> {
    const order = await this.orders.find(id);
    if (order?.customerId !== caller.subject) throw new DomainError('ORDER_NOT_FOUND');
    return order;
  }
}

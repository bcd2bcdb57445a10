import { Body, Controller, HttpCode, Inject, type OnModuleInit, Post } from '@nestjs/common';
import type { ClientGrpc } from '@nestjs/microservices';
import { CreateOrder } from './create-order.js';
import type { Shop } from './shop.js';

@Controller('v1/orders')
export class OrdersController implements OnModuleInit {
  private shop!: Shop;

  constructor(@Inject('SHOP') private readonly client: ClientGrpc) {}

  onModuleInit(): void {
    this.shop = this.client.getService<Shop>('Shop');
  }

  @Post()
  @HttpCode(200)
  create(@Body() order: CreateOrder) {
    return this.shop.createOrder(order);
  }
}

import { Module } from '@nestjs/common';
import { ClientsModule, Transport } from '@nestjs/microservices';
import { OrdersController } from './orders.controller.js';
import { ProductsController } from './products.controller.js';

/** The client of the service, as https://docs.nestjs.com/microservices/grpc has it. */
@Module({
  imports: [
    ClientsModule.register([
      {
        name: 'SHOP',
        transport: Transport.GRPC,
        options: {
          package: 'bench.v1',
          protoPath: 'bench/v1/shop.proto',
          url: process.env.BENCH_BACKEND ?? '',
          // Fields that are 0 or empty are in the answer, 64-bit numbers and enums are strings: as in all gateways.
          loader: { includeDirs: [process.env.BENCH_PROTOS ?? ''], longs: String, enums: String, defaults: true },
        },
      },
    ]),
  ],
  controllers: [ProductsController, OrdersController],
})
export class ShopModule {}

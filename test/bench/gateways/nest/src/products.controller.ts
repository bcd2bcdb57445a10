import { Controller, Get, Inject, type OnModuleInit, Param, Query } from '@nestjs/common';
import type { ClientGrpc } from '@nestjs/microservices';
import { Type } from 'class-transformer';
import { IsInt, IsOptional, IsString, Max, Min } from 'class-validator';
import type { Shop } from './shop.js';

class Page {
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(200)
  pageSize?: number;

  @IsOptional()
  @IsString()
  pageToken?: string;
}

@Controller('v1/products')
export class ProductsController implements OnModuleInit {
  private shop!: Shop;

  constructor(@Inject('SHOP') private readonly client: ClientGrpc) {}

  onModuleInit(): void {
    this.shop = this.client.getService<Shop>('Shop');
  }

  @Get(':id')
  get(@Param('id') id: string) {
    return this.shop.getProduct({ id });
  }

  @Get()
  list(@Query() { pageSize, pageToken }: Page) {
    return this.shop.listProducts({ pageSize, pageToken });
  }
}

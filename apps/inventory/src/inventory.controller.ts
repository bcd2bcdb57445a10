import type { MessageInitShape } from '@bufbuild/protobuf';
import { Controller } from '@nestjs/common';
import { GrpcMethod } from '@nestjs/microservices';
import type {
  AdjustStockRequest,
  CreateProductRequest,
  GetProductRequest,
  ListProductsRequest,
  ListProductsResponseSchema,
  ProductSchema,
} from '#libs/contracts';
import { DomainError } from '#libs/errors';
import { CurrentPrincipal, hasScope, type Principal } from '#libs/identity';
import { Catalogue } from './catalogue/catalogue.js';
import { toProto } from './catalogue/product.js';
import { AdjustStock } from './stock/adjust-stock.js';

/** The RPCs of store.inventory.v1.Inventory. The gateway has checked scopes before; nobody else is relied upon here. */
@Controller()
export class InventoryController {
  constructor(
    private readonly catalogue: Catalogue,
    private readonly stock: AdjustStock,
  ) {}

  @GrpcMethod('Inventory')
  async listProducts(request: ListProductsRequest): Promise<MessageInitShape<typeof ListProductsResponseSchema>> {
    const { products, nextPageToken } = await this.catalogue.list(request.pageSize, request.pageToken);
    return { products: products.map(toProto), nextPageToken };
  }

  @GrpcMethod('Inventory')
  async getProduct({ sku }: GetProductRequest): Promise<MessageInitShape<typeof ProductSchema>> {
    return toProto(await this.catalogue.get(sku));
  }

  @GrpcMethod('Inventory')
  async createProduct(
    { sku, title, description, price, tags, imageUrl }: CreateProductRequest,
    @CurrentPrincipal() principal: Principal,
  ): Promise<MessageInitShape<typeof ProductSchema>> {
    requireScope(principal, 'products:write');
    if (!price) throw new DomainError('VALIDATION_FAILED', { violations: [PRICE_MISSING] });
    const { currencyCode, minorUnits } = price;
    const wanted = { sku, title, description, price: { currencyCode, minorUnits }, tags, imageUrl };
    return toProto(await this.catalogue.create(wanted));
  }

  @GrpcMethod('Inventory')
  async adjustStock(
    { sku, warehouse, delta, reason }: AdjustStockRequest,
    @CurrentPrincipal() principal: Principal,
  ): Promise<MessageInitShape<typeof ProductSchema>> {
    requireScope(principal, 'stock:write');
    await this.stock.adjust({ sku, warehouse, delta, reason });
    return toProto(await this.catalogue.get(sku));
  }
}

const PRICE_MISSING = { field: 'price', description: 'must be set', reason: 'required' };

function requireScope(principal: Principal, scope: string): void {
  if (!hasScope(principal, scope)) throw new DomainError('PERMISSION_DENIED');
}

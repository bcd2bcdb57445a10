import type { MessageInitShape } from '@bufbuild/protobuf';
import { Controller } from '@nestjs/common';
import { Payload } from '@nestjs/microservices';
import {
  type AdjustStockRequest,
  type CreateProductRequest,
  type GetProductRequest,
  Inventory,
  type ListProductsRequest,
  type ListProductsResponseSchema,
  type ProductSchema,
} from '#libs/contracts';
import { DomainError } from '#libs/errors';
import { PageTokens } from '#libs/listing';
import { Rpc } from '#libs/service';
import { Catalogue } from './catalogue/catalogue.js';
import { toProto } from './catalogue/product.js';
import { ProductListStore } from './catalogue/product-list.store.js';
import { AdjustStock } from './stock/adjust-stock.js';

type ProductInit = MessageInitShape<typeof ProductSchema>;

/** The RPCs of store.inventory.v1.Inventory. `Rpc` holds each caller's scopes against the policy in the proto. */
@Controller()
export class InventoryController {
  constructor(
    private readonly catalogue: Catalogue,
    private readonly products: ProductListStore,
    private readonly stock: AdjustStock,
    private readonly pages: PageTokens,
  ) {}

  @Rpc(Inventory.method.listProducts)
  async list(@Payload() request: ListProductsRequest): Promise<MessageInitShape<typeof ListProductsResponseSchema>> {
    const page = await this.pages.open({ method: Inventory.method.listProducts, request });
    const { rows, next } = await this.products.page(request, page);
    return { products: rows.map(toProto), nextPageToken: page.tokenFor(next) };
  }

  @Rpc(Inventory.method.getProduct)
  async get(@Payload() { sku }: GetProductRequest): Promise<ProductInit> {
    return toProto(await this.catalogue.get(sku));
  }

  @Rpc(Inventory.method.createProduct)
  async create(@Payload() request: CreateProductRequest): Promise<ProductInit> {
    const { sku, title, description, price, tags, imageUrl } = request;
    if (!price) throw new DomainError('VALIDATION_FAILED', { violations: [PRICE_MISSING] });
    const { currencyCode, minorUnits } = price;
    const wanted = { sku, title, description, price: { currencyCode, minorUnits }, tags, imageUrl };
    return toProto(await this.catalogue.create(wanted));
  }

  @Rpc(Inventory.method.adjustStock)
  async adjustStock(@Payload() { sku, warehouse, delta, reason }: AdjustStockRequest): Promise<ProductInit> {
    await this.stock.adjust({ sku, warehouse, delta, reason });
    return toProto(await this.catalogue.get(sku));
  }
}

const PRICE_MISSING = { field: 'price', description: 'must be set', reason: 'required' };

import type { MessageInitShape } from '@bufbuild/protobuf';
import { Controller } from '@nestjs/common';
import { Payload } from '@nestjs/microservices';
import {
  type CreateProductRequest,
  type GetProductRequest,
  Inventory,
  type ListProductsRequest,
  type ListProductsResponseSchema,
  type ProductSchema,
  type UpdateProductRequest,
} from '#libs/contracts';
import { DomainError } from '#libs/errors';
import { PageTokens } from '#libs/listing';
import { Rpc } from '#libs/service';
import { Catalogue } from './catalogue.js';
import { toProto } from './product.js';
import { ProductListStore } from './product-list.store.js';
import { UpdateProduct } from './update-product.js';

type ProductInit = MessageInitShape<typeof ProductSchema>;

/** The RPCs about products. `Rpc` holds each caller's scopes against the policy in the proto. */
@Controller()
export class CatalogueController {
  constructor(
    private readonly catalogue: Catalogue,
    private readonly products: ProductListStore,
    private readonly change: UpdateProduct,
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
    const { sku, title, description, price, tags, imageUrl, lowStockThreshold } = request;
    if (!price) throw missing('price');
    const { currencyCode, minorUnits } = price;
    const wanted = { sku, title, description, price: { currencyCode, minorUnits }, tags, imageUrl, lowStockThreshold };
    return toProto(await this.catalogue.create(wanted));
  }

  @Rpc(Inventory.method.updateProduct)
  async update(@Payload() { product, updateMask }: UpdateProductRequest): Promise<ProductInit> {
    if (!product) throw missing('product');
    return toProto(await this.change.update(product, updateMask?.paths));
  }
}

const missing = (field: string) =>
  new DomainError('VALIDATION_FAILED', { violations: [{ field, description: 'must be set', reason: 'required' }] });

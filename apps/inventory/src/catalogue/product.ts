import type { MessageInitShape } from '@bufbuild/protobuf';
import { timestampFromDate } from '@bufbuild/protobuf/wkt';
import type { ProductSchema } from '#libs/contracts';

/** What an administrator says of a product. */
export interface ProductDetails {
  readonly title: string;
  readonly description: string;
  readonly price: Price;
  readonly tags: readonly string[];
  readonly imageUrl: string;
  /** Units at which a StockRanLow tells; undefined: never. */
  readonly lowStockThreshold?: number | undefined;
}

export interface NewProduct extends ProductDetails {
  readonly sku: string;
}

export interface Price {
  readonly currencyCode: string;
  readonly minorUnits: bigint;
}

export interface Product extends NewProduct {
  readonly version: bigint;
  /** Units that can be reserved now, over all warehouses. */
  readonly available: number;
  readonly createTime: Date;
  readonly updateTime: Date;
}

/** The product's version for clients (RFC 9110, 8.8.3). Weak: two answers of one version may differ in `available`. */
export const etagOf = ({ version }: Pick<Product, 'version'>) => `W/"${version}"`;

export function toProto(product: Product): MessageInitShape<typeof ProductSchema> {
  const { version: _, tags, createTime, updateTime, ...same } = product;
  return {
    ...same,
    tags: [...tags],
    createTime: timestampFromDate(createTime),
    updateTime: timestampFromDate(updateTime),
    etag: etagOf(product),
  };
}

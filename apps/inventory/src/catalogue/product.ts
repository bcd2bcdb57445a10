import type { MessageInitShape } from '@bufbuild/protobuf';
import { timestampFromDate } from '@bufbuild/protobuf/wkt';
import type { ProductSchema } from '#libs/contracts';

export interface NewProduct {
  readonly sku: string;
  readonly title: string;
  readonly description: string;
  readonly price: Price;
  readonly tags: readonly string[];
  readonly imageUrl: string;
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

export function toProto(product: Product): MessageInitShape<typeof ProductSchema> {
  const { version: _, tags, createTime, updateTime, ...same } = product;
  return {
    ...same,
    tags: [...tags],
    createTime: timestampFromDate(createTime),
    updateTime: timestampFromDate(updateTime),
  };
}

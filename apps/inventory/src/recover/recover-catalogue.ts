import { ProductCreatedSchema, ProductUpdatedSchema, StockAdjustedSchema } from '#libs/contracts';
import type { Database } from '#libs/database';
import type { Past } from '#libs/recovery';
import { ProductStore } from '../catalogue/product.store.js';
import { StockStore } from '../stock/stock.store.js';

export interface RecoveredProducts {
  products: number;
  adjustments: number;
}

type Money = { readonly currencyCode: string; readonly minorUnits: bigint };

/** Products and stock as inventory itself told of them, where the rows do not know it. Publishes nothing: it was told. */
export class RecoverCatalogue {
  private readonly products: ProductStore;
  private readonly stock: StockStore;

  constructor(private readonly database: Database) {
    this.products = new ProductStore(database.withTables());
    this.stock = new StockStore(database.withTables());
  }

  /** `messages` are the facts about one product, in their order. */
  async recover(messages: readonly Past[], counts: RecoveredProducts): Promise<void> {
    await this.database.transaction(async () => {
      for (const message of messages) {
        if (await this.recoverProduct(message)) counts.products++;
        if (await this.recoverAdjustment(message)) counts.adjustments++;
      }
    });
  }

  /** Facts tell of title and price; description, tags, image and threshold are those of the backup, or empty. */
  private async recoverProduct(message: Past): Promise<boolean> {
    const fact = message.as(ProductCreatedSchema) ?? message.as(ProductUpdatedSchema);
    if (!fact) return false;
    const { sku, title, version } = fact;
    const price = priceOf(fact);
    const empty = { description: '', tags: [], imageUrl: '', lowStockThreshold: undefined };
    const created = (await this.products.insert({ sku, title, price, ...empty })) !== undefined;
    const caughtUp = await this.products.catchUp({ sku, title, price, version });
    return created || caughtUp;
  }

  private async recoverAdjustment(message: Past): Promise<boolean> {
    const fact = message.as(StockAdjustedSchema);
    if (!fact || (await this.stock.knows(message.id))) return false;
    const { sku, warehouse, delta, reason } = fact;
    await this.stock.lockProduct(sku);
    await this.stock.lockLevels({ sku, warehouse });
    await this.stock.adjust({ sku, warehouse, delta, reason }, message.id);
    return true;
  }
}

function priceOf({ sku, price }: { sku: string; price?: Money | undefined }): Money {
  if (!price) throw new Error(`an event of ${sku} has no price`);
  return { currencyCode: price.currencyCode, minorUnits: price.minorUnits };
}

import { Injectable } from '@nestjs/common';
import type { PlaceOrderRequest } from '#libs/contracts';
import { ProductCatalogue } from '../products/product-catalogue.js';
import { OrderLimits } from './order-limits.js';
import { type PricedLines, priceLines, refuseOtherTotal, refuseRepeatedSkus } from './price-lines.js';

/** Turns what a customer asks for into lines with fixed prices, or says why that cannot be ordered. */
@Injectable()
export class PriceOrder {
  constructor(
    private readonly catalogue: ProductCatalogue,
    private readonly limits: OrderLimits,
  ) {}

  async price(customerId: string, { lines, expectedTotal }: PlaceOrderRequest): Promise<PricedLines> {
    refuseRepeatedSkus(lines);
    const products = await this.catalogue.find(lines.map((line) => line.sku));
    const priced = priceLines(lines, products);
    refuseOtherTotal(priced.total, expectedTotal);
    await this.limits.check(customerId, lines);
    return priced;
  }
}

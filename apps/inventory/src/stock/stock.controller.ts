import type { MessageInitShape } from '@bufbuild/protobuf';
import { Controller } from '@nestjs/common';
import { Payload } from '@nestjs/microservices';
import {
  type AdjustStockRequest,
  type GetProductStockRequest,
  Inventory,
  type ListStockMovementsRequest,
  type ListStockMovementsResponseSchema,
  type ProductSchema,
  type ProductStockSchema,
} from '#libs/contracts';
import { PageTokens } from '#libs/listing';
import { Rpc } from '#libs/service';
import { Catalogue } from '../catalogue/catalogue.js';
import { toProto } from '../catalogue/product.js';
import { AdjustStock } from './adjust-stock.js';
import { StockStore } from './stock.store.js';
import { movementToProto } from './stock-movement.js';
import { StockMovementStore } from './stock-movement.store.js';

/** The RPCs about units. */
@Controller()
export class StockController {
  constructor(
    private readonly catalogue: Catalogue,
    private readonly stock: StockStore,
    private readonly adjustments: AdjustStock,
    private readonly movements: StockMovementStore,
    private readonly pages: PageTokens,
  ) {}

  @Rpc(Inventory.method.adjustStock)
  async adjust(@Payload() request: AdjustStockRequest): Promise<MessageInitShape<typeof ProductSchema>> {
    const { sku, warehouse, delta, reason } = request;
    await this.adjustments.adjust({ sku, warehouse, delta, reason });
    return toProto(await this.catalogue.get(sku));
  }

  @Rpc(Inventory.method.getProductStock)
  async get(@Payload() { sku }: GetProductStockRequest): Promise<MessageInitShape<typeof ProductStockSchema>> {
    const { lowStockThreshold } = await this.catalogue.get(sku);
    const levels = await this.stock.levels(sku);
    const warehouses = levels.map(({ warehouse, stocked, reserved, sold, available }) => {
      return { warehouse, stocked, reserved, sold, available };
    });
    return { sku, warehouses, lowStockThreshold };
  }

  @Rpc(Inventory.method.listStockMovements)
  async list(
    @Payload() request: ListStockMovementsRequest,
  ): Promise<MessageInitShape<typeof ListStockMovementsResponseSchema>> {
    const page = await this.pages.open({ method: Inventory.method.listStockMovements, request });
    await this.catalogue.get(request.sku);
    const { rows, next } = await this.movements.page(request, page);
    return { movements: rows.map(movementToProto), nextPageToken: page.tokenFor(next) };
  }
}

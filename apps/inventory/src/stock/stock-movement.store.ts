import { Injectable } from '@nestjs/common';
import { sql } from 'kysely';
import { Database } from '#libs/database';
import { type FilterFields, filterCondition, type PageOf, type PageRequest, readPage } from '#libs/listing';
import type { InventoryTables } from '../tables.js';
import type { StockMovement } from './stock-movement.js';

/** By the identity, which grows in the order of the log; two movements may have one time. */
const NEWEST_FIRST = [{ by: sql.ref('id'), type: 'int8', direction: 'desc' }] as const;

const CAUSE = sql`CASE kind WHEN 'adjust' THEN 'ADJUSTED' WHEN 'reserve' THEN 'RESERVED' WHEN 'release' THEN 'RELEASED'
  WHEN 'expire' THEN 'EXPIRED' ELSE 'CLAIMED' END`;

const FILTER_FIELDS: FilterFields = {
  warehouse: { type: 'text', by: sql.ref('warehouse') },
  cause: { type: 'enum', by: CAUSE, values: ['ADJUSTED', 'RESERVED', 'RELEASED', 'EXPIRED', 'CLAIMED'] },
  orderId: { type: 'uuid', by: sql.ref('order_id') },
  time: { type: 'time', by: sql.ref('time') },
};

/** Reads the log; who moves units writes it. */
@Injectable()
export class StockMovementStore {
  constructor(private readonly database: Database<InventoryTables>) {}

  /** Movements of a product, newest first. Throws VALIDATION_FAILED on `filter`. */
  async page(of: { sku: string; filter: string }, page: PageRequest): Promise<PageOf<StockMovement>> {
    const condition = filterCondition(of.filter, FILTER_FIELDS);
    let log = this.database.db
      .selectFrom('stock_movements')
      .select(['id', 'warehouse', 'kind', 'quantity', 'order_id as orderId', 'reason', 'time'])
      .where('sku', '=', of.sku);
    if (condition) log = log.where(condition);
    const { rows, next } = await readPage(log, NEWEST_FIRST, page);
    return { rows: rows.map((row) => ({ ...row, id: BigInt(row.id) })), next };
  }
}

import type { ColumnType, Generated, GeneratedAlways } from 'kysely';
import type { RejectionReason, ReservationState } from './reservations/reservation.js';
import type { MovementKind } from './stock/stock-movement.js';

/** The schema `inventory` as ../migrations makes it. */
export interface InventoryTables {
  products: ProductTable;
  warehouses: { name: string };
  stock: StockTable;
  reservations: ReservationTable;
  reservation_lines: { order_id: string; sku: string; warehouse: string; quantity: number };
  stock_movements: StockMovementTable;
}

interface ProductTable {
  sku: string;
  title: string;
  description: string;
  currency_code: string;
  // pg gives bigint as text: it may not fit a number.
  minor_units: ColumnType<string, bigint, bigint>;
  tags: string[];
  image_url: string;
  low_stock_threshold: number | null;
  version: ColumnType<string, bigint | undefined, bigint>;
  create_time: Generated<Date>;
  update_time: Generated<Date>;
}

interface StockTable {
  sku: string;
  warehouse: string;
  stocked: Generated<number>;
  reserved: Generated<number>;
  sold: Generated<number>;
  available: GeneratedAlways<number>;
  /** The product's low_stock_threshold. */
  low_at: number | null;
}

interface ReservationTable {
  order_id: string;
  customer_id: string | null;
  state: ReservationState;
  expire_time: Date | null;
  rejection_reason: RejectionReason | null;
  rejected_sku: string | null;
  create_time: Generated<Date>;
  update_time: Generated<Date>;
}

interface StockMovementTable {
  id: GeneratedAlways<string>;
  sku: string;
  warehouse: string;
  kind: MovementKind;
  quantity: number;
  order_id: string | null;
  reason: string | null;
  /** Of an adjustment: the event that told of it. */
  event_id: Generated<string | null>;
  time: Generated<Date>;
}

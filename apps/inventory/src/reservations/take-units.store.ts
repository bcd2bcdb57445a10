import { type Kysely, sql } from 'kysely';
import type { RanLow } from '../stock/low-stock.js';
import type { InventoryTables } from '../tables.js';
import type { RejectionReason, ReservationState } from './reservation.js';
import type { Wish } from './wish.js';

export interface ReservationRow {
  order_id: string;
  state: ReservationState;
  expire_time: Date | null;
  rejection_reason: RejectionReason | null;
  rejected_sku: string | null;
  due: boolean;
}

/** A row of the answer: the reservation, beside it a product that it brought down to its threshold, if any. */
interface TakenRow extends ReservationRow {
  low_sku: string | null;
  low_available: number;
  low_at: number;
}

/** A new reservation, and the products that it brought down to their threshold, see LowStock. */
export interface Opened {
  readonly reservation: ReservationRow;
  readonly ranLow: readonly RanLow[];
}

/**
 * Takes every line of the wish or none, in one statement, and records the outcome under the order: ACTIVE or
 * REJECTED. Resolves to undefined, and changes nothing, when the order has a reservation already.
 *
 * All stock rows that may be needed are locked in the order of (sku, warehouse) before anything is decided, so that
 * orders with overlapping lines queue and cannot deadlock; a row that another order changed meanwhile is read again
 * when its lock is granted. The update writes all counters from those locked rows: PostgreSQL checks constraints on the
 * version that the statement began with before it notices a newer one, and would refuse units that were released since.
 *
 * A line comes from the first warehouse by name that has all of it; where none has, from
 * several, so that what the catalogue calls available can be bought. Time is the database's.
 *
 * All rows of a product are locked, so the sum before and after is exact, and of the orders that take the last units
 * above the threshold exactly one sees the crossing. Nothing else lowers the sum but AdjustStock, which locks them too.
 */
export async function takeUnits(db: Kysely<InventoryTables>, wish: Wish): Promise<Opened | undefined> {
  const skus = wish.lines.map((line) => line.sku);
  const quantities = wish.lines.map((line) => line.quantity);
  const { rows } = await sql<TakenRow>`
    WITH line AS (
      SELECT sku, sum(quantity) AS quantity, min(position) AS position
      FROM unnest(${skus}::text[], ${quantities}::integer[]) WITH ORDINALITY AS wished (sku, quantity, position)
      GROUP BY sku
    ), locked AS (
      SELECT stock.*, line.quantity
      FROM line JOIN stock USING (sku)
      ORDER BY stock.sku, stock.warehouse
      FOR NO KEY UPDATE OF stock
    ), queued AS (
      SELECT *, COALESCE(sum(available) OVER (
        PARTITION BY sku ORDER BY available < quantity, warehouse
        ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
      ), 0) AS available_before
      FROM locked
    ), allocated AS (
      SELECT sku, warehouse, stocked, reserved, sold, LEAST(available, quantity - available_before) AS quantity
      FROM queued WHERE available > 0 AND available_before < quantity
    ), total AS (
      SELECT line.sku, line.quantity, line.position, COALESCE(sum(available), 0) AS available, min(low_at) AS low_at
      FROM line LEFT JOIN locked USING (sku) GROUP BY line.sku, line.quantity, line.position
    ), refused AS (
      SELECT sku, CASE WHEN EXISTS (SELECT FROM products WHERE products.sku = total.sku)
        THEN 'OUT_OF_STOCK' ELSE 'UNKNOWN_SKU' END AS reason
      FROM total WHERE quantity > available ORDER BY position LIMIT 1
    ), opened AS (
      INSERT INTO reservations (order_id, customer_id, state, expire_time, rejection_reason, rejected_sku)
      SELECT ${wish.orderId}::uuid, ${wish.customerId},
        CASE WHEN refused.sku IS NULL THEN 'ACTIVE' ELSE 'REJECTED' END,
        CASE WHEN refused.sku IS NULL THEN clock_timestamp() + ${wish.ttlMs} * interval '1 millisecond' END,
        refused.reason, refused.sku
      FROM (SELECT) AS one LEFT JOIN refused ON true
      ON CONFLICT (order_id) DO NOTHING
      RETURNING *
    ), taken AS (
      UPDATE stock SET
        stocked = allocated.stocked, reserved = allocated.reserved + allocated.quantity, sold = allocated.sold
      FROM allocated, opened
      WHERE opened.state = 'ACTIVE' AND stock.sku = allocated.sku AND stock.warehouse = allocated.warehouse
      RETURNING opened.order_id, stock.sku, stock.warehouse, allocated.quantity
    ), lines AS (
      INSERT INTO reservation_lines (order_id, sku, warehouse, quantity)
      SELECT order_id, sku, warehouse, quantity FROM taken
    ), logged AS (
      INSERT INTO stock_movements (sku, warehouse, kind, quantity, order_id)
      SELECT sku, warehouse, 'reserve', quantity, order_id FROM taken ORDER BY sku, warehouse
    )
    SELECT order_id, state, expire_time, rejection_reason, rejected_sku, false AS due,
      total.sku AS low_sku, (total.available - total.quantity)::integer AS low_available, total.low_at
    FROM opened LEFT JOIN total
      ON state = 'ACTIVE' AND total.available > total.low_at AND total.available - total.quantity <= total.low_at`.execute(
    db,
  );
  const [reservation] = rows;
  return reservation && { reservation, ranLow: rows.flatMap(ranLow) };
}

const ranLow = ({ low_sku: sku, low_available: available, low_at: threshold }: TakenRow): RanLow[] =>
  sku === null ? [] : [{ sku, available, threshold }];

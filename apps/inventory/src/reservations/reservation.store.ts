import { Injectable } from '@nestjs/common';
import { sql } from 'kysely';
import { Database } from '#libs/database';
import type { RanLow } from '../stock/low-stock.js';
import type { InventoryTables } from '../tables.js';
import {
  next,
  type RejectionReason,
  type Reservation,
  type ReservationMove,
  type ReservationState,
} from './reservation.js';
import { type ReservationRow, takeUnits } from './take-units.store.js';
import type { Wish } from './wish.js';

/** Reservations and the counters that they move. Call inside a transaction: rows stay locked until it ends. */
@Injectable()
export class ReservationStore {
  constructor(private readonly database: Database<InventoryTables>) {}

  /** Takes every line of the wish or none, see takeUnits. */
  async reserve(wish: Wish): Promise<{ reservation: Reservation; ranLow: readonly RanLow[] } | undefined> {
    const opened = await takeUnits(this.database.db, wish);
    return opened && { reservation: toReservation(opened.reservation), ranLow: opened.ranLow };
  }

  /** The order's reservation, locked. */
  async lock(orderId: string): Promise<Reservation | undefined> {
    const row = await this.database.db
      .selectFrom('reservations')
      .select(['order_id', 'state', 'expire_time', 'rejection_reason', 'rejected_sku'])
      .select(sql<boolean>`COALESCE(expire_time <= clock_timestamp(), false)`.as('due'))
      .where('order_id', '=', orderId)
      .forUpdate()
      .executeTakeFirst();
    return row && toReservation(row);
  }

  /** Leaves a tombstone where the order has no reservation. */
  async closeUnopened(orderId: string): Promise<void> {
    await this.database.db
      .insertInto('reservations')
      .values({ order_id: orderId, state: 'RELEASED' })
      .onConflict((conflict) => conflict.column('order_id').doNothing())
      .execute();
  }

  /** Writes down that an order got nothing, where it has no reservation. */
  async reject(orderId: string, { reason, sku }: { reason: RejectionReason; sku: string }): Promise<void> {
    await this.database.db
      .insertInto('reservations')
      .values({ order_id: orderId, state: 'REJECTED', rejection_reason: reason, rejected_sku: sku })
      .onConflict((conflict) => conflict.column('order_id').doNothing())
      .execute();
  }

  /** ACTIVE reservations whose time has run out, locked; those that somebody else is working on are left to them. */
  async lockDue(limit: number): Promise<string[]> {
    const rows = await this.database.db
      .selectFrom('reservations')
      .select('order_id')
      .where('state', '=', 'ACTIVE')
      // Not clock_timestamp(): only a value that stays the same within the statement can be looked up in the index.
      .where('expire_time', '<=', sql<Date>`statement_timestamp()`)
      .orderBy('expire_time')
      .limit(limit)
      .forUpdate()
      .skipLocked()
      .execute();
    return rows.map((row) => row.order_id);
  }

  /** How many bind units, by state. */
  async countOpen(): Promise<{ active: number; held: number }> {
    const { rows } = await sql<{ active: number; held: number }>`
      SELECT count(*) FILTER (WHERE state = 'ACTIVE')::int AS active, count(*) FILTER (WHERE state = 'HELD')::int AS held
      FROM reservations WHERE state IN ('ACTIVE', 'HELD')`.execute(this.database.db);
    return rows[0] ?? { active: 0, held: 0 };
  }

  /** Makes one legal move with locked reservations that are all in the state `from`, and moves their units along. */
  async move(orderIds: readonly string[], from: ReservationState, move: ReservationMove): Promise<void> {
    const to = next(from, move);
    if (move !== 'hold') return this.settle(orderIds, to, move);
    await this.database.db
      .updateTable('reservations')
      .set({ state: to, update_time: sql`clock_timestamp()` })
      .where('order_id', 'in', orderIds)
      .execute();
  }

  /**
   * Locks stock rows in the same order as `reserve`; a row that many orders of a batch share is updated once. Movements are
   * written once the rows are locked, so that their order is that in which the counters changed.
   */
  private async settle(orderIds: readonly string[], to: ReservationState, kind: Settlement): Promise<void> {
    await sql`
      WITH closed AS (
        UPDATE reservations SET state = ${to}, update_time = clock_timestamp()
        WHERE order_id = ANY(${orderIds}::uuid[])
        RETURNING order_id
      ), line AS (
        SELECT reservation_lines.* FROM reservation_lines JOIN closed USING (order_id)
      ), unit AS (
        SELECT sku, warehouse, sum(quantity) AS quantity FROM line GROUP BY sku, warehouse
      ), locked AS (
        SELECT stock.sku, stock.warehouse, unit.quantity
        FROM unit JOIN stock USING (sku, warehouse)
        ORDER BY stock.sku, stock.warehouse
        FOR NO KEY UPDATE OF stock
      ), moved AS (
        UPDATE stock SET
          reserved = stock.reserved - locked.quantity,
          sold = stock.sold + CASE WHEN ${kind} = 'claim' THEN locked.quantity ELSE 0 END
        FROM locked WHERE stock.sku = locked.sku AND stock.warehouse = locked.warehouse
      )
      INSERT INTO stock_movements (sku, warehouse, kind, quantity, order_id)
      SELECT sku, warehouse, ${kind}, line.quantity, order_id FROM line JOIN locked USING (sku, warehouse)
      ORDER BY sku, warehouse, order_id`.execute(this.database.db);
  }
}

type Settlement = Exclude<ReservationMove, 'hold'>;

function toReservation(row: ReservationRow): Reservation {
  const rejection = row.rejection_reason && { reason: row.rejection_reason, sku: row.rejected_sku ?? '' };
  return { orderId: row.order_id, state: row.state, due: row.due, expireTime: row.expire_time, rejection };
}

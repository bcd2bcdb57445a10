import { Injectable } from '@nestjs/common';
import { type Generated, type Insertable, type Kysely, type Selectable, sql } from 'kysely';
import { Database } from '#libs/database';
import type { Order, OrderLine, OrderState, OrderStatus, RejectionReason } from './order.js';
import type { Refund } from './refund-order/refund.js';
import { RefundStore } from './refund-order/refund.store.js';

/** The tables of migrations/0001_orders.sql, with the counter of 0004_refunds.sql. */
export interface OrderTables {
  orders: {
    id: string;
    customer_id: string;
    state: OrderState;
    reason: RejectionReason | null;
    currency_code: string;
    total_minor_units: bigint;
    sequence: number;
    idempotency_key: string | null;
    request_fingerprint: Buffer;
    created_at: Date;
    updated_at: Date;
    /** How many the order has. */
    refunds: Generated<number>;
  };
  order_lines: {
    order_id: string;
    position: number;
    sku: string;
    title: string;
    quantity: number;
    unit_price_minor_units: bigint;
  };
  order_history: {
    order_id: string;
    sequence: number;
    state: OrderState;
    reason: RejectionReason | null;
    cause: string;
    at: Date;
  };
}

/** What makes a repeated request recognizable. */
export interface Acceptance {
  readonly idempotencyKey: string | undefined;
  readonly fingerprint: Buffer;
}

/** What a customer's open orders hold. */
export interface Holdings {
  readonly orders: number;
  readonly units: ReadonlyMap<string, number>;
}

/** The only file that knows the tables of orders. */
@Injectable()
export class OrderStore {
  constructor(
    private readonly database: Database<OrderTables>,
    private readonly refunds: RefundStore,
  ) {}

  /** False when the customer has an order under this key: then nothing is written. */
  async insert(order: Order, { idempotencyKey, fingerprint }: Acceptance): Promise<boolean> {
    const inserted = await this.db
      .insertInto('orders')
      .values({ ...rowOf(order), idempotency_key: idempotencyKey ?? null, request_fingerprint: fingerprint })
      .onConflict((conflict) => conflict.columns(['customer_id', 'idempotency_key']).doNothing())
      .returning('id')
      .executeTakeFirst();
    if (!inserted) return false;
    await this.db.insertInto('order_lines').values(lineRowsOf(order)).execute();
    await this.record(order, 'placed');
    return true;
  }

  async find(id: string): Promise<Order | undefined> {
    const row = await this.db.selectFrom('orders').selectAll().where('id', '=', id).executeTakeFirst();
    return row && this.one(row);
  }

  /** The order, locked until the transaction ends. */
  async lock(id: string): Promise<Order> {
    return this.one(
      await this.db.selectFrom('orders').selectAll().where('id', '=', id).forUpdate().executeTakeFirstOrThrow(),
    );
  }

  async findByKey(customerId: string, key: string): Promise<{ order: Order; fingerprint: Buffer } | undefined> {
    const row = await this.db
      .selectFrom('orders')
      .selectAll()
      .where('customer_id', '=', customerId)
      .where('idempotency_key', '=', key)
      .executeTakeFirst();
    return row && { order: await this.one(row), fingerprint: row.request_fingerprint };
  }

  /** Writes a change made by `moveOrder` and records its cause. The order must be locked. */
  async saveMove(order: Order, cause: string): Promise<void> {
    const { id, state, reason, sequence, updated_at } = rowOf(order);
    await this.db.updateTable('orders').set({ state, reason, sequence, updated_at }).where('id', '=', id).execute();
    await this.record(order, cause);
  }

  /** One more refund belongs to the order. The order must be locked. */
  async countRefund(id: string, now: Date): Promise<void> {
    const counted = this.db.updateTable('orders').set((eb) => ({ refunds: eb('refunds', '+', 1), updated_at: now }));
    await counted.where('id', '=', id).execute();
  }

  /** Something that belongs to the order has changed. */
  async touch(id: string, now: Date): Promise<void> {
    await this.db.updateTable('orders').set({ updated_at: now }).where('id', '=', id).execute();
  }

  /** The order as it was after each change beyond `sequence`, oldest first. */
  async changesAfter(id: string, sequence: number): Promise<Order[]> {
    const rows = await this.db
      .selectFrom('orders')
      .innerJoin('order_history as change', 'change.order_id', 'orders.id')
      .selectAll('orders')
      .select(['change.sequence', 'change.state', 'change.reason', 'change.at as updated_at'])
      .where('orders.id', '=', id)
      .where('change.sequence', '>', sequence)
      .orderBy('change.sequence')
      .execute();
    return this.whole(rows);
  }

  /** Which of these orders have changed since the given sequence. */
  async changed(seen: ReadonlyMap<string, number>): Promise<string[]> {
    const rows = await this.db
      .selectFrom('orders')
      .select(['id', 'sequence'])
      .where('id', '=', sql<string>`ANY(${[...seen.keys()]}::uuid[])`)
      .execute();
    return rows.filter((row) => row.sequence > (seen.get(row.id) ?? 0)).map((row) => row.id);
  }

  /** What the customer's open orders hold, of these skus. */
  async holdings(customerId: string, skus: readonly string[]): Promise<Holdings> {
    const open = this.db.selectFrom('orders').where('customer_id', '=', customerId).where('state', '=', 'PENDING');
    const { orders } = await open.select(sql<number>`count(*)::int`.as('orders')).executeTakeFirstOrThrow();
    if (orders === 0) return { orders, units: new Map() };
    const rows = await open
      .innerJoin('order_lines as line', 'line.order_id', 'orders.id')
      .select(['line.sku', sql<number>`sum(line.quantity)::float8`.as('units')])
      .where('line.sku', 'in', [...skus])
      .groupBy('line.sku')
      .execute();
    return { orders, units: new Map(rows.map((row) => [row.sku, row.units])) };
  }

  /** Rows of `orders` with what belongs to them, in their order. */
  async whole(rows: readonly OrderRow[]): Promise<Order[]> {
    if (rows.length === 0) return [];
    const ids = [...new Set(rows.map((row) => row.id))];
    const lines = await this.db
      .selectFrom('order_lines')
      .selectAll()
      .where('order_id', 'in', ids)
      .orderBy('position')
      .execute();
    const byOrder = Map.groupBy(lines, (line) => line.order_id);
    const refunds = await this.refunds.ofOrders(rows.filter((row) => row.refunds > 0).map((row) => row.id));
    return rows.map((row) => orderOf(row, byOrder.get(row.id) ?? [], refunds.get(row.id) ?? []));
  }

  private get db(): Kysely<OrderTables> {
    return this.database.db;
  }

  private async record(order: Order, cause: string): Promise<void> {
    const { id, state, reason, sequence, updated_at } = rowOf(order);
    await this.db
      .insertInto('order_history')
      .values({ order_id: id, sequence, state, reason, cause, at: updated_at })
      .execute();
  }

  private async one(row: OrderRow): Promise<Order> {
    const [order] = await this.whole([row]);
    if (!order) throw new Error(`order ${row.id} was lost on its way`);
    return order;
  }
}

export type OrderRow = Selectable<OrderTables['orders']>;
type LineRow = Selectable<OrderTables['order_lines']>;

function rowOf(order: Order) {
  return {
    id: order.id,
    customer_id: order.customerId,
    state: order.status.state,
    reason: order.status.state === 'REJECTED' ? order.status.reason : null,
    currency_code: order.total.currencyCode,
    total_minor_units: order.total.minorUnits,
    sequence: order.sequence,
    created_at: order.createTime,
    updated_at: order.updateTime,
  };
}

function lineRowsOf(order: Order): Insertable<OrderTables['order_lines']>[] {
  return order.lines.map((line, position) => ({
    order_id: order.id,
    position,
    sku: line.sku,
    title: line.title,
    quantity: line.quantity,
    unit_price_minor_units: line.unitPrice.minorUnits,
  }));
}

function orderOf(row: OrderRow, lines: LineRow[], refunds: Refund[]): Order {
  const money = (minorUnits: bigint) => ({ currencyCode: row.currency_code, minorUnits });
  return {
    id: row.id,
    customerId: row.customer_id,
    status: statusOf(row),
    lines: lines.map(
      (line): OrderLine => ({
        sku: line.sku,
        title: line.title,
        quantity: line.quantity,
        unitPrice: money(line.unit_price_minor_units),
      }),
    ),
    total: money(row.total_minor_units),
    refunds,
    sequence: row.sequence,
    createTime: row.created_at,
    // Refunds are read after the row and may have ended in between.
    updateTime: refunds.map(({ updateTime }) => updateTime).reduce(later, row.updated_at),
  };
}

const later = (a: Date, b: Date): Date => (a > b ? a : b);

function statusOf({ state, reason, id }: OrderRow): OrderStatus {
  if (state !== 'REJECTED') return { state };
  if (!reason) throw new Error(`order ${id} was rejected without a reason`);
  return { state, reason };
}

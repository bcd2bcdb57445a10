import { Injectable } from '@nestjs/common';
import type { Selectable } from 'kysely';
import { Database } from '#libs/database';
import type { Refund, RefundReason, RefundRejection, RefundState, RefundStatus } from './refund.js';

/** The table of migrations/0004_refunds.sql. */
export interface RefundTables {
  refunds: {
    id: string;
    order_id: string;
    number: number;
    minor_units: bigint;
    reason: RefundReason;
    state: RefundState;
    rejection: RefundRejection | null;
    requested_by: string;
    idempotency_key: string | null;
    request_fingerprint: Buffer;
    created_at: Date;
    updated_at: Date;
  };
  orders: { id: string; currency_code: string };
}

/** Who asked for a refund, and what makes a repeated request recognizable. */
export interface RefundRequestMark {
  readonly requestedBy: string;
  readonly idempotencyKey: string;
  readonly fingerprint: Buffer;
}

/** The only file that knows the table of refunds. Whoever changes one has locked its order. */
@Injectable()
export class RefundStore {
  constructor(private readonly database: Database<RefundTables>) {}

  /** False when the requester has used the key: then nothing is written. */
  async insert(refund: Refund, { requestedBy, idempotencyKey, fingerprint }: RefundRequestMark): Promise<boolean> {
    const inserted = await this.database.db
      .insertInto('refunds')
      .values({
        ...{ id: refund.id, order_id: refund.orderId, number: refund.number, minor_units: refund.amount.minorUnits },
        ...{ reason: refund.reason, ...statusColumns(refund.status) },
        ...{ requested_by: requestedBy, idempotency_key: idempotencyKey, request_fingerprint: fingerprint },
        ...{ created_at: refund.createTime, updated_at: refund.updateTime },
      })
      .onConflict((conflict) => conflict.columns(['requested_by', 'idempotency_key']).doNothing())
      .returning('id')
      .executeTakeFirst();
    return inserted !== undefined;
  }

  async findByKey(requestedBy: string, key: string): Promise<{ refund: Refund; fingerprint: Buffer } | undefined> {
    const row = await this.select()
      .where('refunds.requested_by', '=', requestedBy)
      .where('refunds.idempotency_key', '=', key)
      .executeTakeFirst();
    return row && { refund: refundOf(row), fingerprint: row.request_fingerprint };
  }

  async find(id: string): Promise<Refund | undefined> {
    const row = await this.select().where('refunds.id', '=', id).executeTakeFirst();
    return row && refundOf(row);
  }

  /** By order, each in the order in which they were asked for. */
  async ofOrders(orderIds: readonly string[]): Promise<Map<string, Refund[]>> {
    if (orderIds.length === 0) return new Map();
    const rows = await this.select()
      .where('refunds.order_id', 'in', [...orderIds])
      .orderBy('refunds.number')
      .execute();
    return Map.groupBy(rows.map(refundOf), (refund) => refund.orderId);
  }

  /** Writes an end made by `endRefund`. */
  async saveEnd({ id, status, updateTime }: Refund): Promise<void> {
    await this.database.db
      .updateTable('refunds')
      .set({ ...statusColumns(status), updated_at: updateTime })
      .where('id', '=', id)
      .execute();
  }

  private select() {
    return this.database.db
      .selectFrom('refunds')
      .innerJoin('orders', 'orders.id', 'refunds.order_id')
      .selectAll('refunds')
      .select('orders.currency_code');
  }
}

type Row = Selectable<RefundTables['refunds']> & { currency_code: string };

const statusColumns = (status: RefundStatus) => ({
  state: status.state,
  rejection: status.state === 'REJECTED' ? status.rejection : null,
});

function refundOf(row: Row): Refund {
  const { id, number, reason } = row;
  return {
    ...{ id, orderId: row.order_id, number, reason, status: statusOf(row) },
    amount: { currencyCode: row.currency_code, minorUnits: row.minor_units },
    createTime: row.created_at,
    updateTime: row.updated_at,
  };
}

function statusOf({ id, state, rejection }: Row): RefundStatus {
  if (state !== 'REJECTED') return { state };
  if (!rejection) throw new Error(`refund ${id} was rejected without a reason`);
  return { state, rejection };
}

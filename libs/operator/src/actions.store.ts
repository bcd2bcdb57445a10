import { type Generated, type Selectable, sql } from 'kysely';
import type { Database } from '#libs/database';

/** The table of libs/operator/migrations. */
export interface OperatorTables {
  operator_actions: {
    number: Generated<bigint>;
    at: Generated<Date>;
    operator: string | null;
    role: 'VIEWER' | 'OPERATOR' | null;
    verb: string;
    target: string;
    reason: string;
    outcome: 'DONE' | 'REFUSED' | 'FAILED';
    error: string | null;
  };
}

export type ActionRow = Selectable<OperatorTables['operator_actions']>;
export type NewAction = Omit<ActionRow, 'number' | 'at'>;

/** Texts of refused calls were not validated. */
const LONGEST = 600;

/** The audit log of a service. */
export class ActionsStore {
  constructor(private readonly database: Database<OperatorTables>) {}

  /** Joins the transaction that runs. */
  async add(action: NewAction): Promise<void> {
    const { target, reason } = action;
    await this.database.db
      .insertInto('operator_actions')
      .values({ ...action, target: storable(target), reason: storable(reason) })
      .execute();
  }

  /** Newest first, at most `limit`, only those before `before`. */
  async list({ operator, before, limit }: { operator?: string; before?: bigint; limit: number }): Promise<ActionRow[]> {
    let query = this.database.db.selectFrom('operator_actions').selectAll();
    if (operator) query = query.where('operator', '=', operator);
    if (before !== undefined) query = query.where('number', '<', sql<bigint>`${before}`);
    return query.orderBy('number', 'desc').limit(limit).execute();
  }
}

const storable = (text: string): string => text.replaceAll('\0', '').slice(0, LONGEST);

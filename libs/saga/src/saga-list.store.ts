import { type Selectable, sql } from 'kysely';
import type { Database } from '#libs/database';
import type { SagaTables } from './saga.store.js';

export type SagaRow = Selectable<SagaTables['saga_instances']>;
export type TransitionRow = Selectable<SagaTables['saga_transitions']>;

/** Which instances; what is left out does not narrow. */
export interface SagaFilter {
  readonly saga?: string;
  readonly id?: string;
  /** Also those that ended. */
  readonly ended?: boolean;
  /** Only those that have not moved for so many seconds, by the database's clock. */
  readonly idleSeconds?: number;
  /** Only those after this one. */
  readonly after?: { readonly createdAt: Date; readonly id: string };
}

/** Instances of all sagas of a service, for reading. */
export class SagaListStore {
  constructor(private readonly database: Database<SagaTables>) {}

  /** At most `limit`, oldest first. */
  async list({ limit, ...filter }: SagaFilter & { limit: number }): Promise<SagaRow[]> {
    let query = this.database.db.selectFrom('saga_instances').selectAll();
    if (filter.saga) query = query.where('saga', '=', filter.saga);
    if (filter.id) query = query.where('id', '=', filter.id);
    if (!filter.ended) query = query.where('ended_at', 'is', null);
    if (filter.idleSeconds) {
      query = query.where('updated_at', '<=', sql<Date>`now() - make_interval(secs => ${filter.idleSeconds})`);
    }
    if (filter.after) {
      const { createdAt, id } = filter.after;
      // Cursors hold milliseconds.
      query = query.where(sql<boolean>`(date_trunc('milliseconds', created_at), id) > (${createdAt}, ${id}::uuid)`);
    }
    return query.orderBy(sql`date_trunc('milliseconds', created_at)`).orderBy('id').limit(limit).execute();
  }

  async history(saga: string, id: string): Promise<TransitionRow[]> {
    return this.database.db
      .selectFrom('saga_transitions')
      .selectAll()
      .where('saga', '=', saga)
      .where('id', '=', id)
      .orderBy('sequence')
      .execute();
  }
}

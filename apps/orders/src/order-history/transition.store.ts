import { Injectable } from '@nestjs/common';
import { sql } from 'kysely';
import { Database } from '#libs/database';
import { Ordering, type PageOf, type PageRequest, readPage } from '#libs/listing';
import type { SagaTables } from '#libs/saga';
import type { Transition } from './transition.js';

/** What of the tables of libs/saga is read here. */
type Tables = Pick<SagaTables, 'saga_transitions'>;

/** Refunds begin when the order has ended, but the clock of a transaction is that of its beginning: hence the rank. */
const OLDEST_FIRST = new Ordering({
  fields: {
    rank: { by: sql`(saga_transitions.saga <> 'place-order')::int4`, type: 'int4' },
    time: { by: sql.ref('saga_transitions.at'), type: 'timestamptz' },
    saga: { by: sql.ref('saga_transitions.id'), type: 'uuid' },
    sequence: { by: sql.ref('saga_transitions.sequence'), type: 'int4' },
  },
  // Unique together with those before it.
  unique: 'sequence',
  otherwise: [
    { field: 'rank', direction: 'asc' },
    { field: 'time', direction: 'asc' },
    { field: 'saga', direction: 'asc' },
  ],
});

/** Every move of the processes of an order: of its placing and of its refunds. */
@Injectable()
export class TransitionStore {
  constructor(private readonly database: Database<Tables>) {}

  async page(orderId: string, page: PageRequest): Promise<PageOf<Transition>> {
    const found = this.database.db
      .selectFrom('saga_transitions')
      .select(['saga', 'id', 'cause', 'state', 'commands', 'at'])
      .where(
        sql<boolean>`(saga = 'place-order' AND id = ${orderId}
          OR saga = 'refund-order' AND id IN (SELECT refunds.id FROM refunds WHERE refunds.order_id = ${orderId}))`,
      );
    const { rows, next } = await readPage(found, OLDEST_FIRST.keys(''), page);
    const transitions = rows.map(({ saga, id, cause, state, commands, at: time }): Transition => {
      return { refundId: saga === 'refund-order' ? id : undefined, cause, state, commands, time };
    });
    return { rows: transitions, next };
  }
}

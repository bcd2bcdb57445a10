import type { ClientBase } from 'pg';
import type { Violation } from './rule.js';

/** I7 at the gateway: every answer that an Idempotency-Key replays names an order that exists. */
export async function checkReplays(books: { gateway: ClientBase; orders: ClientBase }): Promise<Violation[]> {
  const { rows: answers } = await books.gateway.query<{ key: string; location: string }>(
    `SELECT key, location FROM idempotency_keys WHERE method LIKE '%.PlaceOrder' AND status BETWEEN 200 AND 299`,
  );
  const ids = answers.map(({ location }) => location?.split('/').at(-1) ?? '');
  const { rows: orders } = await books.orders.query<{ id: string }>(
    'SELECT id::text FROM orders WHERE id::text = ANY($1)',
    [ids],
  );
  const known = new Set(orders.map(({ id }) => id));
  return answers
    .filter((_, at) => !known.has(ids[at] ?? ''))
    .map(({ key, location }) => ({
      invariant: 'I7',
      what: 'an accepted order that an Idempotency-Key replays does not exist',
      subject: key,
      evidence: { location },
    }));
}

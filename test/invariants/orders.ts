import type { Rule } from './rule.js';

/** I4, I6, I7 and I10, as far as orders alone can tell. */
export const orderRules: readonly Rule[] = [
  {
    invariant: 'I6',
    what: 'an accepted order does not reach its end',
    sql: `SELECT id AS subject, created_at, updated_at FROM orders WHERE state = 'PENDING'`,
    settles: true,
  },
  {
    invariant: 'I6',
    what: 'order and saga do not end together',
    sql: `SELECT orders.id AS subject, orders.state, saga_instances.state AS saga, ended_at
      FROM orders LEFT JOIN saga_instances ON saga_instances.id = orders.id AND saga = 'place-order'
      WHERE saga_instances.id IS NULL OR (orders.state = 'PENDING') <> (ended_at IS NULL)`,
  },
  {
    invariant: 'I4',
    what: 'an order gives back more than its total, or gives back without being confirmed',
    sql: `SELECT orders.id AS subject, orders.state, total_minor_units, sum(minor_units) AS promised
      FROM orders JOIN refunds ON order_id = orders.id AND refunds.state <> 'REJECTED' GROUP BY orders.id
      HAVING sum(minor_units) > total_minor_units OR orders.state <> 'CONFIRMED'`,
  },
  {
    invariant: 'I4',
    what: 'the refunds of an order are not those that it has counted',
    sql: `SELECT orders.id AS subject, orders.refunds, numbers FROM orders LEFT JOIN (
        SELECT order_id, array_agg(number ORDER BY number) AS numbers FROM refunds GROUP BY order_id
      ) AS counted ON order_id = orders.id
      WHERE COALESCE(numbers, '{}') <> ARRAY(SELECT generate_series(1, orders.refunds))`,
  },
  {
    invariant: 'I6',
    what: 'a refund does not reach its end',
    sql: `SELECT id AS subject, order_id, created_at FROM refunds WHERE state = 'PENDING'`,
    settles: true,
  },
  {
    invariant: 'I6',
    what: 'refund and saga do not end together',
    sql: `SELECT COALESCE(refunds.id, saga.id) AS subject, refunds.state, saga.state AS saga, ended_at
      FROM refunds FULL JOIN (SELECT * FROM saga_instances WHERE saga = 'refund-order') AS saga USING (id)
      WHERE refunds.id IS NULL OR saga.id IS NULL OR (refunds.state = 'PENDING') <> (ended_at IS NULL)`,
  },
  {
    invariant: 'I7',
    what: 'one Idempotency-Key has several orders',
    sql: `SELECT idempotency_key AS subject, customer_id, array_agg(id) AS orders FROM orders
      WHERE idempotency_key IS NOT NULL GROUP BY customer_id, idempotency_key HAVING count(*) > 1`,
  },
  {
    invariant: 'I10',
    what: 'the history is not PENDING and then at most one end, without gaps, up to the state of the order',
    sql: `SELECT id AS subject, orders.state, orders.sequence, history.states, history.sequences
      FROM orders LEFT JOIN (
        SELECT order_id, array_agg(state ORDER BY sequence) AS states, array_agg(sequence ORDER BY sequence) AS sequences
        FROM order_history GROUP BY order_id
      ) AS history ON history.order_id = orders.id
      WHERE history.states IS DISTINCT FROM
          CASE orders.state WHEN 'PENDING' THEN ARRAY['PENDING'] ELSE ARRAY['PENDING', orders.state] END
        OR history.sequences IS DISTINCT FROM
          CASE orders.state WHEN 'PENDING' THEN ARRAY[1] ELSE ARRAY[1, 2] END
        OR orders.sequence <> cardinality(history.sequences)`,
  },
  {
    invariant: 'I10',
    what: 'the history of a saga has gaps, goes on after its end, or is not that of the saga',
    sql: `SELECT instance.id AS subject, instance.transitions, instance.state, history.sequences, history.ends
      FROM saga_instances AS instance LEFT JOIN (
        SELECT saga, id, array_agg(sequence ORDER BY sequence) AS sequences,
          (array_agg(state ORDER BY sequence DESC))[1] AS last,
          count(*) FILTER (WHERE state ->> 'phase' IN ('completed', 'compensated')) AS ends
        FROM saga_transitions GROUP BY saga, id
      ) AS history USING (saga, id)
      WHERE history.sequences IS DISTINCT FROM ARRAY(SELECT generate_series(1, instance.transitions))
        OR history.last IS DISTINCT FROM instance.state
        OR history.ends <> CASE WHEN instance.ended_at IS NULL THEN 0 ELSE 1 END`,
  },
];

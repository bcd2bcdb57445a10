import type { Rule } from './rule.js';

/** I5, and that payments and their ledger tell the same. */
export const paymentRules: readonly Rule[] = [
  {
    invariant: 'I5',
    what: 'the postings of a ledger transaction do not add up to zero, or there are fewer than two',
    sql: `SELECT ledger_transactions.id AS subject, order_id, kind, currency_code, sum(minor_units) AS sum, count(minor_units)
      FROM ledger_transactions LEFT JOIN ledger_postings ON transaction_id = ledger_transactions.id
      GROUP BY ledger_transactions.id, order_id, kind, currency_code
      HAVING count(minor_units) < 2 OR sum(minor_units) <> 0`,
  },
  {
    invariant: 'I5',
    what: 'an order was captured or released without a hold, or both, or refunded without a capture',
    sql: `SELECT order_id AS subject, array_agg(kind ORDER BY created_at) AS kinds FROM ledger_transactions GROUP BY order_id
      HAVING count(*) FILTER (WHERE kind = 'HOLD') <> 1 OR count(*) FILTER (WHERE kind IN ('CAPTURE', 'RELEASE')) > 1
        OR bool_or(kind = 'REFUND') AND NOT bool_or(kind = 'CAPTURE')`,
  },
  {
    invariant: 'I4',
    what: 'the ledger holds or has earned something else than the payment says',
    sql: `SELECT payments.order_id AS subject, state, pending, payments.minor_units, held, earned
      FROM payments LEFT JOIN (
        SELECT order_id, sum(minor_units) FILTER (WHERE account = 'provider_held') AS held,
          -sum(minor_units) FILTER (WHERE account = 'sales') AS earned
        FROM ledger_transactions JOIN ledger_postings ON transaction_id = ledger_transactions.id GROUP BY order_id
      ) AS ledger USING (order_id)
      WHERE COALESCE(earned, 0) <> CASE state WHEN 'SUCCEEDED' THEN payments.minor_units ELSE 0 END
        OR (pending IS DISTINCT FROM 'CANCEL'
          AND COALESCE(held, 0) <> CASE state WHEN 'REQUIRES_CAPTURE' THEN payments.minor_units ELSE 0 END)`,
  },
  {
    invariant: 'I4',
    what: 'a payment has given back something else than its refunds, or more than was captured',
    sql: `SELECT payments.order_id AS subject, payments.state, payments.minor_units, refunded_minor_units, given
      FROM payments LEFT JOIN (
        SELECT order_id, sum(minor_units) AS given FROM refunds WHERE state = 'SUCCEEDED' GROUP BY order_id
      ) AS succeeded USING (order_id)
      WHERE refunded_minor_units <> COALESCE(given, 0)
        OR refunded_minor_units > CASE payments.state WHEN 'SUCCEEDED' THEN payments.minor_units ELSE 0 END`,
  },
  {
    invariant: 'I4',
    what: 'the ledger has not exactly one entry of its amount for a refund that succeeded, or has one for another',
    sql: `SELECT COALESCE(refunds.id, entry.refund_id) AS subject, refunds.order_id, state, minor_units, entered, entries
      FROM refunds FULL JOIN (
        SELECT refund_id, order_id, sum(minor_units) FILTER (WHERE account = 'refunds') AS entered,
          count(DISTINCT ledger_transactions.id) AS entries
        FROM ledger_transactions LEFT JOIN ledger_postings ON transaction_id = ledger_transactions.id
        WHERE kind = 'REFUND' GROUP BY refund_id, order_id
      ) AS entry ON refund_id = refunds.id AND entry.order_id = refunds.order_id
      WHERE COALESCE(entered, 0) <> CASE state WHEN 'SUCCEEDED' THEN minor_units ELSE 0 END
        OR entries > 1 OR refunds.id IS NULL`,
  },
  {
    invariant: 'I4',
    what: 'the provider has not acknowledged what was decided about a payment',
    sql: `SELECT order_id AS subject, state, pending, attempts, retry_at FROM payments WHERE pending IS NOT NULL`,
    settles: true,
  },
];

/** The provider's book against itself. */
export const providerRules: readonly Rule[] = [
  {
    invariant: 'I4',
    what: "the provider's movements do not add up to what an intent holds, has captured and has given back",
    sql: `SELECT intents.id AS subject, order_id, status, amount_held, amount_captured, amount_refunded,
        sum(held) AS held, sum(captured) AS captured, sum(refunded) AS refunded
      FROM intents LEFT JOIN movements ON intent_id = intents.id GROUP BY intents.id
      HAVING COALESCE(sum(held), 0) <> amount_held OR COALESCE(sum(captured), 0) <> amount_captured
        OR COALESCE(sum(refunded), 0) <> amount_refunded OR amount_refunded > amount_captured`,
  },
  {
    invariant: 'I4',
    what: "the provider's refunds do not add up to what an intent has given back",
    sql: `SELECT intents.id AS subject, order_id, amount_refunded, given FROM intents LEFT JOIN (
        SELECT intent_id, sum(amount) AS given FROM refunds WHERE status = 'succeeded' GROUP BY intent_id
      ) AS succeeded ON intent_id = intents.id WHERE amount_refunded <> COALESCE(given, 0)`,
  },
  {
    invariant: 'I7',
    what: 'an order was authorized or captured more than once at the provider',
    sql: `SELECT order_id AS subject, kind, array_agg(DISTINCT intents.id) AS intents, count(*)
      FROM movements JOIN intents ON intents.id = intent_id WHERE kind IN ('authorization', 'capture')
      GROUP BY order_id, kind HAVING count(*) > 1`,
  },
];

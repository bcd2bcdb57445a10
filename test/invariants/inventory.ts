import type { Rule } from './rule.js';

export interface InventoryTolerance {
  /** How long after its time an expired reservation may still be open: the sweep interval and some delay. */
  readonly expiryLagSeconds: number;
}

/** I1, I2, I11 and inventory's part of I3 and I10. */
export function inventoryRules({ expiryLagSeconds }: InventoryTolerance = { expiryLagSeconds: 5 }): Rule[] {
  return [
    {
      invariant: 'I1',
      what: 'the counters of a stock row do not add up, or one is negative',
      sql: `SELECT sku || '@' || warehouse AS subject, stock.* FROM stock
        WHERE stocked <> available + reserved + sold OR LEAST(stocked, available, reserved, sold) < 0`,
    },
    {
      invariant: 'I1',
      what: 'the movement log does not add up to the counters',
      sql: `SELECT sku || '@' || warehouse AS subject, stock.stocked, stock.reserved, stock.sold,
          log.stocked AS stocked_by_log, log.reserved AS reserved_by_log, log.sold AS sold_by_log
        FROM stock FULL JOIN (
          SELECT sku, warehouse,
            COALESCE(sum(quantity) FILTER (WHERE kind = 'adjust'), 0) AS stocked,
            COALESCE(sum(CASE kind WHEN 'reserve' THEN quantity ELSE -quantity END) FILTER (WHERE kind <> 'adjust'), 0)
              AS reserved,
            COALESCE(sum(quantity) FILTER (WHERE kind = 'claim'), 0) AS sold
          FROM stock_movements GROUP BY sku, warehouse
        ) AS log USING (sku, warehouse)
        WHERE (COALESCE(stock.stocked, 0), COALESCE(stock.reserved, 0), COALESCE(stock.sold, 0))
          IS DISTINCT FROM (COALESCE(log.stocked, 0), COALESCE(log.reserved, 0), COALESCE(log.sold, 0))`,
    },
    {
      invariant: 'I2',
      what: 'reserved and sold units are not those of the reservations',
      sql: `SELECT sku || '@' || warehouse AS subject, stock.reserved, stock.sold, open, claimed
        FROM stock FULL JOIN (
          SELECT sku, warehouse,
            COALESCE(sum(quantity) FILTER (WHERE state IN ('ACTIVE', 'HELD')), 0) AS open,
            COALESCE(sum(quantity) FILTER (WHERE state = 'CLAIMED'), 0) AS claimed
          FROM reservation_lines JOIN reservations USING (order_id) GROUP BY sku, warehouse
        ) AS lines USING (sku, warehouse)
        WHERE COALESCE(stock.reserved, 0) <> COALESCE(open, 0) OR COALESCE(stock.sold, 0) <> COALESCE(claimed, 0)`,
    },
    {
      invariant: 'I3',
      what: 'the movements of a reservation are not one reserve per line and one of claim, release or expire when closed',
      sql: `SELECT order_id AS subject, sku, warehouse, state, line.quantity, log.kinds, log.quantities
        FROM reservation_lines AS line JOIN reservations USING (order_id) FULL JOIN (
          SELECT order_id, sku, warehouse, array_agg(kind ORDER BY id) AS kinds, array_agg(DISTINCT quantity) AS quantities
          FROM stock_movements WHERE order_id IS NOT NULL GROUP BY order_id, sku, warehouse
        ) AS log USING (order_id, sku, warehouse)
        WHERE log.quantities IS DISTINCT FROM ARRAY[line.quantity] OR log.kinds IS DISTINCT FROM CASE state
          WHEN 'ACTIVE' THEN ARRAY['reserve'] WHEN 'HELD' THEN ARRAY['reserve']
          WHEN 'CLAIMED' THEN ARRAY['reserve', 'claim'] WHEN 'RELEASED' THEN ARRAY['reserve', 'release']
          WHEN 'EXPIRED' THEN ARRAY['reserve', 'expire'] END`,
    },
    {
      invariant: 'I3',
      what: 'a reservation that took units has no lines, or one that took none has some',
      sql: `SELECT order_id AS subject, state, expire_time, lines FROM reservations
        CROSS JOIN LATERAL (
          SELECT count(*) AS lines FROM reservation_lines WHERE reservation_lines.order_id = reservations.order_id
        ) AS counted
        WHERE (lines > 0) <> (expire_time IS NOT NULL)`,
    },
    {
      invariant: 'I11',
      what: 'a reservation outlives its time',
      sql: `SELECT order_id AS subject, state, expire_time, clock_timestamp() AS now FROM reservations
        WHERE state = 'ACTIVE' AND expire_time < clock_timestamp() - $1 * interval '1 second'`,
      values: [expiryLagSeconds],
      // After an outage the sweeper needs its first turn.
      settles: true,
    },
  ];
}

-- The counters of a sku in a warehouse. `available` is derived, so that it cannot disagree, and its CHECK is the last
-- fence against selling more than is stocked. Every order of a sku updates this row: the free half of each page keeps
-- those updates off the index (HOT).
CREATE TABLE stock (
  sku text COLLATE "C" NOT NULL REFERENCES products,
  warehouse text COLLATE "C" NOT NULL REFERENCES warehouses,
  stocked integer NOT NULL DEFAULT 0 CHECK (stocked BETWEEN 0 AND 1000000000),
  reserved integer NOT NULL DEFAULT 0 CHECK (reserved >= 0),
  sold integer NOT NULL DEFAULT 0 CHECK (sold >= 0),
  available integer NOT NULL GENERATED ALWAYS AS (stocked - reserved - sold) STORED CHECK (available >= 0),
  PRIMARY KEY (sku, warehouse)
) WITH (fillfactor = 50);

-- What became of an order's wish for stock. One row per order, for ever: it is also the tombstone that tells a late
-- ReserveStock that its order was closed or refused.
CREATE TABLE reservations (
  order_id uuid PRIMARY KEY,
  customer_id text,
  state text NOT NULL CHECK (state IN ('ACTIVE', 'HELD', 'CLAIMED', 'RELEASED', 'EXPIRED', 'REJECTED')),
  expire_time timestamptz CHECK (expire_time IS NOT NULL OR state IN ('RELEASED', 'REJECTED')),
  rejection_reason text CHECK (rejection_reason IN ('OUT_OF_STOCK', 'UNKNOWN_SKU')),
  rejected_sku text,
  create_time timestamptz NOT NULL DEFAULT clock_timestamp(),
  update_time timestamptz NOT NULL DEFAULT clock_timestamp(),
  CHECK ((state = 'REJECTED') = (rejection_reason IS NOT NULL)),
  CHECK ((state = 'REJECTED') = (rejected_sku IS NOT NULL))
);

CREATE INDEX reservations_due ON reservations (expire_time) WHERE state = 'ACTIVE';

-- Which units an order took, and from where. Kept after the reservation is closed. No foreign key to stock: it would
-- lock the hot row once more for each line, and neither stock rows nor lines are ever deleted.
CREATE TABLE reservation_lines (
  order_id uuid NOT NULL REFERENCES reservations,
  sku text COLLATE "C" NOT NULL,
  warehouse text COLLATE "C" NOT NULL,
  quantity integer NOT NULL CHECK (quantity > 0),
  PRIMARY KEY (order_id, sku, warehouse)
);

-- Every change of a counter, append-only. Its sums are the counters:
--   stocked = adjust, reserved = reserve - release - expire - claim, sold = claim.
CREATE TABLE stock_movements (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  sku text COLLATE "C" NOT NULL,
  warehouse text COLLATE "C" NOT NULL,
  kind text NOT NULL CHECK (kind IN ('adjust', 'reserve', 'release', 'expire', 'claim')),
  quantity integer NOT NULL,
  order_id uuid,
  reason text,
  time timestamptz NOT NULL DEFAULT clock_timestamp(),
  CHECK (CASE kind WHEN 'adjust' THEN quantity <> 0 ELSE quantity > 0 END),
  CHECK ((kind = 'adjust') = (order_id IS NULL)),
  CHECK ((kind = 'adjust') = (reason IS NOT NULL))
);

-- Units are taken once and leave once: released, expired or claimed, never two of these.
CREATE UNIQUE INDEX stock_movements_once ON stock_movements (order_id, sku, warehouse, (kind = 'reserve'))
  WHERE order_id IS NOT NULL;

CREATE INDEX stock_movements_of_sku ON stock_movements (sku, warehouse, id);

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% of % is refused: %', TG_OP, TG_TABLE_NAME, TG_ARGV[0] USING ERRCODE = 'integrity_constraint_violation';
END
$$;

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON stock_movements
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change('the movement log is append-only');

CREATE TRIGGER terminal_states_stay BEFORE UPDATE ON reservations
  FOR EACH ROW WHEN (OLD.state IN ('CLAIMED', 'RELEASED', 'EXPIRED', 'REJECTED'))
  EXECUTE FUNCTION refuse_change('the reservation is closed');

CREATE TRIGGER never_deleted BEFORE DELETE OR TRUNCATE ON reservations
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change('reservations are kept as tombstones');

-- The role may add to its history, never rewrite it.
REVOKE UPDATE, DELETE ON stock_movements, reservation_lines FROM inventory;
REVOKE DELETE ON products, warehouses, stock, reservations FROM inventory;

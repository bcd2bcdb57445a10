CREATE TABLE orders (
  id uuid PRIMARY KEY,
  customer_id text NOT NULL,
  state text NOT NULL CHECK (state IN ('PENDING', 'CONFIRMED', 'REJECTED', 'CANCELLED')),
  reason text CHECK (reason IN ('OUT_OF_STOCK', 'PAYMENT_DECLINED', 'PAYMENT_UNAVAILABLE', 'EXPIRED')),
  currency_code text NOT NULL,
  total_minor_units bigint NOT NULL CHECK (total_minor_units >= 0),
  -- Number of the last row of order_history.
  sequence integer NOT NULL,
  idempotency_key text,
  -- Hash of the request that was accepted under the key.
  request_fingerprint bytea NOT NULL,
  -- Milliseconds: what the API and page tokens can express.
  created_at timestamptz(3) NOT NULL,
  updated_at timestamptz(3) NOT NULL,
  CHECK ((state = 'REJECTED') = (reason IS NOT NULL)),
  UNIQUE (customer_id, idempotency_key)
);

-- ListOrders: newest first.
CREATE INDEX orders_of_customer ON orders (customer_id, created_at DESC, id DESC);
-- The caps on open orders.
CREATE INDEX orders_open ON orders (customer_id) INCLUDE (id) WHERE state = 'PENDING';

CREATE TABLE order_lines (
  order_id uuid NOT NULL REFERENCES orders (id),
  -- 0 for the first line.
  position integer NOT NULL,
  sku text NOT NULL,
  title text NOT NULL,
  quantity integer NOT NULL CHECK (quantity > 0),
  unit_price_minor_units bigint NOT NULL CHECK (unit_price_minor_units >= 0),
  PRIMARY KEY (order_id, position)
);

-- Every state an order had and what brought it there. Append-only.
CREATE TABLE order_history (
  order_id uuid NOT NULL REFERENCES orders (id),
  sequence integer NOT NULL,
  state text NOT NULL,
  reason text,
  cause text NOT NULL,
  at timestamptz(3) NOT NULL,
  PRIMARY KEY (order_id, sequence)
);

REVOKE UPDATE, DELETE ON order_history FROM orders;

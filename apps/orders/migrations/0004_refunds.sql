-- Money of confirmed orders that goes back. The order stays CONFIRMED: that it was sold stays true.
CREATE TABLE refunds (
  id uuid PRIMARY KEY,
  order_id uuid NOT NULL REFERENCES orders (id),
  -- 1 for the first refund of the order.
  number integer NOT NULL CHECK (number > 0),
  minor_units bigint NOT NULL CHECK (minor_units > 0),
  reason text NOT NULL CHECK (reason IN ('REQUESTED_BY_CUSTOMER', 'NOT_DELIVERED', 'NOT_AS_DESCRIBED', 'DUPLICATE',
    'FRAUDULENT', 'GOODWILL')),
  state text NOT NULL CHECK (state IN ('PENDING', 'SUCCEEDED', 'REJECTED')),
  rejection text CHECK (rejection IN ('DECLINED', 'NOT_REFUNDABLE')),
  requested_by text NOT NULL,
  idempotency_key text,
  -- Hash of the request that was accepted under the key.
  request_fingerprint bytea NOT NULL,
  created_at timestamptz(3) NOT NULL,
  updated_at timestamptz(3) NOT NULL,
  CHECK ((state = 'REJECTED') = (rejection IS NOT NULL)),
  UNIQUE (order_id, number),
  UNIQUE (requested_by, idempotency_key)
);

-- So that an order without refunds, which is nearly every one, is read without looking for them.
ALTER TABLE orders ADD COLUMN refunds integer NOT NULL DEFAULT 0;

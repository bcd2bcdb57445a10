-- The provider's own book. Amounts are in the smallest unit of the currency.
-- An order may have several intents: a client that authorizes twice must be seen here, not be saved from itself.
CREATE TABLE intents (
  id text PRIMARY KEY,
  order_id text NOT NULL,
  amount bigint NOT NULL CHECK (amount >= 0),
  currency text NOT NULL CHECK (currency ~ '^[a-z]{3}$'),
  status text NOT NULL DEFAULT 'requires_confirmation'
    CHECK (status IN ('requires_confirmation', 'requires_payment_method', 'requires_capture', 'succeeded', 'canceled')),
  amount_held bigint NOT NULL DEFAULT 0,
  amount_captured bigint NOT NULL DEFAULT 0,
  created_at timestamptz NOT NULL DEFAULT now(),
  CHECK (amount_held = CASE status WHEN 'requires_capture' THEN amount ELSE 0 END),
  CHECK (amount_captured = CASE status WHEN 'succeeded' THEN amount ELSE 0 END)
);
CREATE INDEX intents_by_order ON intents (order_id);

-- Every movement of money, never changed: per intent they add up to amount_held and amount_captured.
CREATE TABLE movements (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  intent_id text NOT NULL REFERENCES intents,
  kind text NOT NULL CHECK (kind IN ('authorization', 'capture', 'release')),
  held bigint NOT NULL,
  captured bigint NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX movements_by_intent ON movements (intent_id);
REVOKE UPDATE, DELETE ON movements FROM payment_simulator;

-- The answer that each key was given first. A fingerprint, not the request: that one holds the payment method.
CREATE TABLE idempotency_keys (
  key text PRIMARY KEY,
  fingerprint text NOT NULL,
  status int,
  body jsonb,
  created_at timestamptz NOT NULL DEFAULT now()
);

-- Each call that would change the book, in the order of arrival, also those that were answered from a key or refused.
CREATE TABLE calls (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  operation text NOT NULL CHECK (operation IN ('create', 'confirm', 'capture', 'cancel')),
  intent_id text,
  idempotency_key text NOT NULL,
  status int NOT NULL,
  replayed boolean NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX calls_by_intent ON calls (intent_id);
REVOKE UPDATE, DELETE ON calls FROM payment_simulator;

-- What was given back. An intent's refunds never add up to more than was captured of it.
ALTER TABLE intents
  ADD COLUMN amount_refunded bigint NOT NULL DEFAULT 0,
  -- What the payment method makes refunds do; the method itself is not stored.
  ADD COLUMN refunds_behave text NOT NULL DEFAULT 'well' CHECK (refunds_behave IN ('well', 'declined', 'silent', 'away')),
  ADD CONSTRAINT intents_refunded CHECK (amount_refunded BETWEEN 0 AND amount_captured);

-- One row per key that was answered: what the client asked for, and what became of it.
CREATE TABLE refunds (
  id text PRIMARY KEY,
  intent_id text NOT NULL REFERENCES intents,
  idempotency_key text NOT NULL UNIQUE,
  amount bigint NOT NULL CHECK (amount > 0),
  status text NOT NULL CHECK (status IN ('succeeded', 'failed')),
  created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX refunds_by_intent ON refunds (intent_id);
REVOKE UPDATE, DELETE ON refunds FROM payment_simulator;

ALTER TABLE movements
  ADD COLUMN refunded bigint NOT NULL DEFAULT 0,
  DROP CONSTRAINT movements_kind_check,
  ADD CONSTRAINT movements_kind_check CHECK (kind IN ('authorization', 'capture', 'release', 'refund'));
ALTER TABLE calls
  DROP CONSTRAINT calls_operation_check,
  ADD CONSTRAINT calls_operation_check CHECK (operation IN ('create', 'confirm', 'capture', 'cancel', 'refund'));
CREATE INDEX calls_by_key ON calls (idempotency_key);

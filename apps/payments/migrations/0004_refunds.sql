-- What orders asks to give back, one row per refund, whatever is delivered how often. A refund that was rejected without
-- the provider being asked has its row too: the same question always gets the same answer.
CREATE TABLE refunds (
  id uuid PRIMARY KEY,
  order_id uuid NOT NULL,
  currency_code text NOT NULL CHECK (currency_code ~ '^[A-Z]{3}$'),
  minor_units bigint NOT NULL CHECK (minor_units > 0),
  state text NOT NULL CHECK (state IN ('PENDING', 'SUCCEEDED', 'REJECTED')),
  rejection text CHECK (rejection IN ('DECLINED', 'NOT_CAPTURED', 'EXCEEDS_CAPTURED')),
  -- While PENDING: when the background job asks the provider again; null while a handler is at it.
  retry_at timestamptz,
  attempts int NOT NULL DEFAULT 0,
  trace_context jsonb NOT NULL DEFAULT '{}',
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  CHECK ((state = 'REJECTED') = (rejection IS NOT NULL)),
  CHECK (retry_at IS NULL OR state = 'PENDING')
);
CREATE INDEX refunds_by_order ON refunds (order_id);
CREATE INDEX refunds_to_retry ON refunds (retry_at) WHERE retry_at IS NOT NULL;
CREATE INDEX refunds_pending ON refunds (created_at) WHERE state = 'PENDING';

ALTER TABLE payments
  -- Sum of the refunds that succeeded.
  ADD COLUMN refunded_minor_units bigint NOT NULL DEFAULT 0,
  ADD CONSTRAINT payments_refunded CHECK (refunded_minor_units BETWEEN 0 AND COALESCE(minor_units, 0)
    AND (refunded_minor_units = 0 OR state = 'SUCCEEDED')),
  DROP CONSTRAINT payments_failure_reason_check,
  ADD CONSTRAINT payments_failure_reason_check
    CHECK (failure_reason IN ('DECLINED', 'PROVIDER_UNAVAILABLE', 'PROVIDER_REFUSED'));

-- One hold, release and capture per order; one entry per refund.
ALTER TABLE ledger_transactions
  ADD COLUMN refund_id uuid UNIQUE,
  DROP CONSTRAINT ledger_transactions_kind_check,
  ADD CONSTRAINT ledger_transactions_kind_check CHECK (kind IN ('HOLD', 'RELEASE', 'CAPTURE', 'REFUND')),
  ADD CONSTRAINT ledger_transactions_refund CHECK ((kind = 'REFUND') = (refund_id IS NOT NULL)),
  DROP CONSTRAINT ledger_transactions_order_id_kind_key;
CREATE UNIQUE INDEX ledger_transactions_order_id_kind_key ON ledger_transactions (order_id, kind) WHERE kind <> 'REFUND';
CREATE INDEX ledger_transactions_by_order ON ledger_transactions (order_id);
ALTER TABLE ledger_postings
  DROP CONSTRAINT ledger_postings_account_check,
  ADD CONSTRAINT ledger_postings_account_check
    CHECK (account IN ('provider_held', 'customer_held', 'provider_receivable', 'sales', 'refunds'));

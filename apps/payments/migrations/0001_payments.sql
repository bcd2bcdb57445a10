-- One payment per order, whatever is delivered how often. A row without an amount is an order that was closed before
-- anything was to be paid: it answers the AuthorizePayment that comes too late. Payment methods are not stored.
CREATE TABLE payments (
  id uuid PRIMARY KEY,
  order_id uuid NOT NULL UNIQUE,
  customer_id text,
  currency_code text CHECK (currency_code ~ '^[A-Z]{3}$'),
  minor_units bigint CHECK (minor_units >= 0),
  state text NOT NULL CHECK (state IN ('PROCESSING', 'REQUIRES_CAPTURE', 'SUCCEEDED', 'CANCELED', 'FAILED')),
  failure_reason text CHECK (failure_reason IN ('DECLINED', 'PROVIDER_UNAVAILABLE')),
  -- Known before anything can be held under it, and never another one.
  provider_payment_id text UNIQUE,
  -- What the provider has still to acknowledge; with retry_at, the background job does it, else a handler is at it.
  pending text CHECK (pending IN ('CAPTURE', 'CANCEL')),
  retry_at timestamptz,
  attempts int NOT NULL DEFAULT 0,
  trace_context jsonb NOT NULL DEFAULT '{}',
  -- When to compare this payment with the ledger and the provider; null when it was found to agree.
  reconcile_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  CHECK ((customer_id IS NULL) = (minor_units IS NULL) AND (currency_code IS NULL) = (minor_units IS NULL)),
  CHECK (minor_units IS NOT NULL OR (state = 'CANCELED' AND provider_payment_id IS NULL)),
  CHECK ((state = 'FAILED') = (failure_reason IS NOT NULL)),
  CHECK (pending <> 'CAPTURE' OR state = 'REQUIRES_CAPTURE'),
  CHECK (pending <> 'CANCEL' OR state IN ('CANCELED', 'FAILED'))
);
CREATE INDEX payments_to_retry ON payments (retry_at) WHERE retry_at IS NOT NULL;
CREATE INDEX payments_to_reconcile ON payments (reconcile_at) WHERE reconcile_at IS NOT NULL;
CREATE INDEX payments_unsettled ON payments (updated_at) WHERE pending IS NOT NULL OR state = 'PROCESSING';

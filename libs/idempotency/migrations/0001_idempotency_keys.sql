-- Requests under an Idempotency-Key and their first answers. Never a credential: requests are kept as a hash alone, and
-- no operation whose answer holds a secret takes keys.
CREATE TABLE idempotency_keys (
  principal text NOT NULL,
  -- Full name of the RPC.
  method text NOT NULL,
  key text NOT NULL,
  -- SHA-256 of the request: the key is good for this request alone.
  fingerprint bytea NOT NULL,
  -- Drawn by who holds the claim: one that lost its lease cannot write any more.
  claim uuid NOT NULL,
  -- Until then the claim's holder may work; later another request takes over (a crash leaves no key in use for ever).
  lease_until timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  -- The answer; null while the first request is in flight.
  status integer,
  content_type text,
  location text,
  body bytea,
  PRIMARY KEY (principal, method, key),
  CHECK ((status IS NULL) = (body IS NULL) AND (status IS NULL) = (content_type IS NULL))
);

CREATE INDEX idempotency_keys_expiry ON idempotency_keys (expires_at);

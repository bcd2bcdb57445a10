-- The secret that page tokens are sealed with: one per service, drawn by the first replica that needs it, read by all.
-- Delete the row and restart to make every token given so far invalid.
CREATE TABLE page_token_key (
  only_one boolean PRIMARY KEY DEFAULT true CHECK (only_one),
  secret bytea NOT NULL CHECK (length(secret) = 32),
  create_time timestamptz NOT NULL DEFAULT now()
);

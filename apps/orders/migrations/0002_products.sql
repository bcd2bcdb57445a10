-- What orders knows of inventory's catalogue, from its events.
CREATE TABLE products (
  sku text PRIMARY KEY,
  title text NOT NULL,
  currency_code text NOT NULL,
  price_minor_units bigint NOT NULL CHECK (price_minor_units >= 0),
  -- Of the event; 0 for what was learned by a question to inventory. Older versions never replace newer ones.
  version bigint NOT NULL
);

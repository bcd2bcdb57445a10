-- Keyset pages compare skus byte by byte, whatever the locale of the server: COLLATE "C".
CREATE TABLE products (
  sku text COLLATE "C" PRIMARY KEY,
  title text NOT NULL,
  description text NOT NULL,
  currency_code text NOT NULL CHECK (currency_code ~ '^[A-Z]{3}$'),
  minor_units bigint NOT NULL CHECK (minor_units >= 0),
  tags text[] NOT NULL,
  image_url text NOT NULL,
  -- Grows with every change; consumers of the product's events drop what is older than what they have.
  version bigint NOT NULL DEFAULT 1,
  create_time timestamptz NOT NULL DEFAULT now(),
  update_time timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE warehouses (
  name text COLLATE "C" PRIMARY KEY
);

INSERT INTO warehouses (name) VALUES ('main');

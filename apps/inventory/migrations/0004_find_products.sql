-- array_to_string is not immutable for every element type; for text it is.
CREATE FUNCTION words_of(tags text[]) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN array_to_string(tags, ' ');

-- A web search ("exact phrase", -without, OR) whose last word may be the beginning of one, so that a client can search
-- while somebody types. No text is a syntax error.
CREATE FUNCTION product_query(wanted text) RETURNS tsquery LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN (
    SELECT CASE WHEN parsed LIKE '%''' THEN (parsed || ':*')::tsquery ELSE parsed::tsquery END
    FROM (SELECT websearch_to_tsquery('english', wanted)::text AS parsed) AS web
  );

-- Weights: a word in the title says more than one in the description.
ALTER TABLE products ADD COLUMN search tsvector NOT NULL GENERATED ALWAYS AS (
  setweight(to_tsvector('english', title), 'A') || setweight(to_tsvector('english', sku), 'A')
  || setweight(to_tsvector('english', words_of(tags)), 'B') || setweight(to_tsvector('english', description), 'C')
) STORED;

CREATE INDEX products_search ON products USING gin (search);
CREATE INDEX products_tags ON products USING gin (tags);

-- One per order of the list, each with the sku as its end: a page begins at its place in the index.
CREATE INDEX products_by_title ON products ((lower(title) COLLATE "C"), sku);
CREATE INDEX products_by_price ON products (minor_units, sku);
CREATE INDEX products_by_time ON products (create_time, sku);

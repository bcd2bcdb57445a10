-- Messages that were written together with a state change and wait to be sent. The columns are those of Debezium's outbox
-- event router, so that log-tailing can replace the relay; seq, since a uuid has no order; shard, since each is sent by
-- one relay at a time.
CREATE TABLE outbox (
  seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  id uuid NOT NULL,
  aggregatetype text NOT NULL,
  aggregateid text NOT NULL,
  type text NOT NULL,
  payload bytea NOT NULL,
  headers jsonb NOT NULL,
  shard smallint NOT NULL,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX outbox_in_order ON outbox (shard, seq);
-- Rows live for milliseconds: without this the table is mostly dead rows before the first vacuum.
ALTER TABLE outbox SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000);

-- Messages whose effect is in this database.
CREATE TABLE inbox (
  consumer text NOT NULL,
  message_id text NOT NULL,
  processed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (consumer, message_id)
);
CREATE INDEX inbox_by_age ON inbox (processed_at);

-- Keys with a dead letter: what comes later for them follows it to the dead-letter topic, so that order is kept.
CREATE TABLE parked_keys (
  consumer text NOT NULL,
  topic text NOT NULL,
  key text NOT NULL,
  parked_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (consumer, topic, key)
);

-- Where each dead letter came from and where it lies now. Its content is in the dead-letter topic only.
CREATE TABLE dead_letters (
  seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  consumer text NOT NULL,
  topic text NOT NULL,
  partition integer NOT NULL,
  "offset" bigint NOT NULL,
  key text,
  message_id text,
  type text,
  reason text NOT NULL CHECK (reason IN ('failed', 'undecodable', 'parked')),
  error text,
  attempts integer NOT NULL,
  dead_letter_partition integer NOT NULL,
  dead_letter_offset bigint NOT NULL,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  replayed_at timestamptz,
  UNIQUE (consumer, topic, partition, "offset")
);
CREATE INDEX dead_letters_by_key ON dead_letters (consumer, topic, key, seq) WHERE replayed_at IS NULL;

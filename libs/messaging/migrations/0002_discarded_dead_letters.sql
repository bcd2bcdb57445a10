-- When an operator gave a dead letter up: it will never have an effect.
ALTER TABLE dead_letters ADD COLUMN discarded_at timestamptz;
ALTER TABLE dead_letters ADD CHECK (replayed_at IS NULL OR discarded_at IS NULL);
CREATE INDEX dead_letters_waiting ON dead_letters (consumer, seq) WHERE replayed_at IS NULL AND discarded_at IS NULL;

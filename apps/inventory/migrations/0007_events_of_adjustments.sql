-- The event that told of an adjustment: by it a restored database knows which of those in Kafka it has. Null for older rows.
ALTER TABLE stock_movements ADD COLUMN event_id uuid;
CREATE UNIQUE INDEX stock_movements_of_events ON stock_movements (event_id) WHERE event_id IS NOT NULL;

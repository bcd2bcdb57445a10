-- Units over all warehouses at which a StockRanLow tells; null: nobody wants to know.
ALTER TABLE products ADD COLUMN low_stock_threshold integer CHECK (low_stock_threshold >= 0);

-- The threshold once more on the rows that every change of a counter locks: whoever takes units decides by the threshold
-- that is in force at that moment, without a lock on the product.
ALTER TABLE stock ADD COLUMN low_at integer;

-- The log is read by product, newest first. One index, as before: every reservation writes to it.
DROP INDEX stock_movements_of_sku;
CREATE INDEX stock_movements_newest ON stock_movements (sku, id);

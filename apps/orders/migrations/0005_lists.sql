-- ListOrders over all customers: newest first.
CREATE INDEX orders_of_all ON orders (created_at DESC, id DESC);

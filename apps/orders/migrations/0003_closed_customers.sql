-- Customers whose account is being or was deleted. Ids alone, kept for good: no order of theirs is accepted again,
-- however late its request comes.
CREATE TABLE closed_customers (
  customer_id text PRIMARY KEY,
  close_time timestamptz NOT NULL DEFAULT now(),
  -- When users was told that all their orders had ended.
  answer_time timestamptz
);
CREATE INDEX closed_customers_waiting ON closed_customers (close_time) WHERE answer_time IS NULL;

-- Whether orders of the customer are accepted, until the end of the transaction. Accepting takes the lock shared, closing
-- takes it alone: an order either is there when its customer is closed, or finds the customer closed. A function,
-- since the look must come after the lock, and one round trip is enough for both.
CREATE FUNCTION admit_customer(customer text) RETURNS boolean LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
  PERFORM pg_advisory_xact_lock_shared(hashtext('customers of orders'), hashtext(customer));
  RETURN NOT EXISTS (SELECT FROM closed_customers WHERE customer_id = customer);
END
$$;

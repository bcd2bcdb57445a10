-- Deleting an account takes the customer out of their payments: found by this.
CREATE INDEX payments_of_customer ON payments (customer_id) WHERE customer_id IS NOT NULL;

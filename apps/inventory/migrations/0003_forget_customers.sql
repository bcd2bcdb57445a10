-- A deleted account's customer id is taken out of its reservations, closed ones too: that is the one change that a closed
-- reservation admits.
DROP TRIGGER terminal_states_stay ON reservations;
CREATE TRIGGER terminal_states_stay BEFORE UPDATE ON reservations
  FOR EACH ROW WHEN (
    OLD.state IN ('CLAIMED', 'RELEASED', 'EXPIRED', 'REJECTED')
    AND (NEW.customer_id IS NOT NULL OR to_jsonb(NEW) - 'customer_id' <> to_jsonb(OLD) - 'customer_id')
  )
  EXECUTE FUNCTION refuse_change('the reservation is closed');

CREATE INDEX reservations_of_customer ON reservations (customer_id) WHERE customer_id IS NOT NULL;

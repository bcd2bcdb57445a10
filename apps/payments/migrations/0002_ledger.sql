-- Double entry, append-only. A debit is positive, a credit negative.
CREATE TABLE ledger_transactions (
  id uuid PRIMARY KEY,
  order_id uuid NOT NULL,
  kind text NOT NULL CHECK (kind IN ('HOLD', 'RELEASE', 'CAPTURE')),
  created_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (order_id, kind)
);

CREATE TABLE ledger_postings (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  transaction_id uuid NOT NULL REFERENCES ledger_transactions,
  account text NOT NULL CHECK (account IN ('provider_held', 'customer_held', 'provider_receivable', 'sales')),
  currency_code text NOT NULL CHECK (currency_code ~ '^[A-Z]{3}$'),
  minor_units bigint NOT NULL
);
CREATE INDEX ledger_postings_by_transaction ON ledger_postings (transaction_id);

-- Checked at commit, when all postings of the transaction are there.
CREATE FUNCTION ledger_check_balance() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
DECLARE
  checked uuid := CASE TG_TABLE_NAME WHEN 'ledger_transactions' THEN (to_jsonb(NEW) ->> 'id')::uuid
                                     ELSE (to_jsonb(NEW) ->> 'transaction_id')::uuid END;
  off record;
BEGIN
  IF (SELECT count(*) FROM ledger_postings WHERE transaction_id = checked) < 2 THEN
    RAISE EXCEPTION 'ledger transaction % has fewer than two postings', checked USING ERRCODE = 'check_violation';
  END IF;
  SELECT currency_code, sum(minor_units) AS sum INTO off FROM ledger_postings
    WHERE transaction_id = checked GROUP BY currency_code HAVING sum(minor_units) <> 0 LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'ledger transaction % is off balance by % %', checked, off.sum, off.currency_code
      USING ERRCODE = 'check_violation';
  END IF;
  RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER ledger_transactions_balance AFTER INSERT ON ledger_transactions
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ledger_check_balance();
CREATE CONSTRAINT TRIGGER ledger_postings_balance AFTER INSERT ON ledger_postings
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ledger_check_balance();

-- The trigger holds for everybody, the owner too; the missing right says it to the service.
CREATE FUNCTION ledger_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the ledger is append-only: % on % is forbidden', TG_OP, TG_TABLE_NAME
    USING ERRCODE = 'insufficient_privilege';
END $$;

CREATE TRIGGER ledger_transactions_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_transactions
  FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change();
CREATE TRIGGER ledger_postings_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_postings
  FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change();
REVOKE UPDATE, DELETE, TRUNCATE ON ledger_transactions, ledger_postings FROM payments;

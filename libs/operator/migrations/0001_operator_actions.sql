-- What operators did to this service and what they were refused. Append-only, also for the service itself.
CREATE TABLE operator_actions (
  number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at timestamptz NOT NULL DEFAULT clock_timestamp(),
  -- Name of the credential; null when the caller had none.
  operator text,
  role text CHECK (role IN ('VIEWER', 'OPERATOR')),
  verb text NOT NULL,
  target text NOT NULL,
  reason text NOT NULL,
  outcome text NOT NULL CHECK (outcome IN ('DONE', 'REFUSED', 'FAILED')),
  -- Code of the error, for what was not done.
  error text,
  CHECK ((operator IS NULL) = (role IS NULL)),
  CHECK ((outcome = 'DONE') = (error IS NULL))
);
CREATE INDEX operator_actions_by_operator ON operator_actions (operator, number);

CREATE FUNCTION operator_actions_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the audit log is append-only: % is forbidden', TG_OP USING ERRCODE = 'insufficient_privilege';
END $$;

-- The trigger holds for everybody, the owner too; the missing right says it to the service. Its role has the name of
-- its schema.
CREATE TRIGGER operator_actions_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON operator_actions
  FOR EACH STATEMENT EXECUTE FUNCTION operator_actions_refuse_change();
DO $$ BEGIN EXECUTE format('REVOKE UPDATE, DELETE, TRUNCATE ON operator_actions FROM %I', current_schema()); END $$;

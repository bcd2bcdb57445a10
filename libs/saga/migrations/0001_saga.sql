-- Running and finished instances of sagas. `id` is the id of what the saga is about (place-order: the order).
CREATE TABLE saga_instances (
  saga text NOT NULL,
  id uuid NOT NULL,
  -- The table it began with and will finish with.
  version integer NOT NULL,
  state jsonb NOT NULL,
  data jsonb NOT NULL,
  -- Trace headers of the request that started it: the deadline continues that trace.
  trace_context jsonb NOT NULL,
  -- Null once the deadline cannot act any more.
  deadline_at timestamptz,
  transitions integer NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  ended_at timestamptz,
  PRIMARY KEY (saga, id)
);

CREATE INDEX saga_instances_due ON saga_instances (saga, deadline_at) WHERE deadline_at IS NOT NULL;
CREATE INDEX saga_instances_open ON saga_instances (saga, created_at) WHERE ended_at IS NULL;

-- Every move of an instance and what caused it.
CREATE TABLE saga_transitions (
  saga text NOT NULL,
  id uuid NOT NULL,
  sequence integer NOT NULL,
  -- start, deadline, cancel, or the type of the reply.
  cause text NOT NULL,
  state jsonb NOT NULL,
  -- Types of the commands that left with this move.
  commands text[] NOT NULL,
  at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (saga, id, sequence)
);

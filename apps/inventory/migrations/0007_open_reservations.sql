-- Few are open at a time, of very many: counting them at each collection of metrics must not read the others.
CREATE INDEX reservations_open ON reservations (state) WHERE state IN ('ACTIVE', 'HELD');

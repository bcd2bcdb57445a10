-- Authenticators (RFC 6238). The secret has to be readable: codes are computed from it. Who reads this schema can sign
-- tokens anyway (signing_keys).
create table totp (
  user_id uuid primary key references users on delete cascade,
  secret bytea not null,
  -- Null: enrolled, but no code has been seen yet; sign-in does not ask for one.
  confirm_time timestamptz,
  -- Time step of the youngest code that was used: a code is good once.
  last_step bigint not null default 0,
  -- The bucket of guesses: so many are left, as of then.
  guesses double precision not null default 5,
  guesses_time timestamptz not null default now()
);

-- One row for each that is left, as SHA-256: 80 random bits need no slow hash.
create table totp_recovery_codes (
  user_id uuid not null references totp on delete cascade,
  code_hash bytea not null,
  primary key (user_id, code_hash)
);

create table users (
  id uuid primary key,
  email text not null,
  name text not null,
  roles text[] not null check (cardinality(roles) > 0 and roles <@ array['CUSTOMER', 'ADMIN']),
  password_hash text not null,
  -- Made by demo mode with a known password: may sign in only while demo mode is on.
  demo boolean not null default false,
  create_time timestamptz not null default now()
);

-- E-mail addresses are compared without case.
create unique index users_email on users (lower(email));

create table sessions (
  id uuid primary key,
  user_id uuid not null references users on delete cascade,
  -- SHA-256: the refresh token itself is nowhere stored.
  refresh_token_hash bytea not null unique,
  create_time timestamptz not null default now(),
  expire_time timestamptz not null
);

create index sessions_user on sessions (user_id);

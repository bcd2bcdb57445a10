-- A session is one family of refresh tokens: `refresh_token_hash` is the one that may be used, once; those before it are
-- kept so that their reuse is noticed. A session that ends is deleted.
alter table sessions add column refresh_time timestamptz not null default now();

create table used_refresh_tokens (
  token_hash bytea primary key,
  session_id uuid not null references sessions on delete cascade,
  use_time timestamptz not null default now()
);

create index used_refresh_tokens_session on used_refresh_tokens (session_id);

-- What the gateways are told: kept while an access token of the session may still be valid.
create table ended_sessions (
  session_id uuid primary key,
  -- The clock, not the start of the transaction: readers look back a fixed time for what has been committed since.
  end_time timestamptz not null default clock_timestamp()
);

create index ended_sessions_end_time on ended_sessions (end_time);

-- By a trigger, so that no way to end a session forgets to tell, the deletion of an account included.
create function remember_ended_sessions() returns trigger language plpgsql set search_path from current as $$
begin
  insert into ended_sessions (session_id) select id from ended on conflict do nothing;
  if found then
    perform pg_notify('users_sessions_ended', '');
  end if;
  return null;
end
$$;

create trigger remember_ended_sessions after delete on sessions
  referencing old table as ended for each statement execute function remember_ended_sessions();

alter table users
  add column email_verified boolean not null default false,
  -- Takes the place of email once mail was received there.
  add column pending_email text,
  -- Set from the moment the user asks for the account's end until the row is deleted: nobody signs in any more.
  add column delete_time timestamptz;

update users set email_verified = true where demo;

-- Tokens that were mailed. Each is good once.
create table account_tokens (
  -- SHA-256: the token itself stands in the mail alone.
  token_hash bytea primary key,
  user_id uuid not null references users on delete cascade,
  purpose text not null check (purpose in ('VERIFY_EMAIL', 'RESET_PASSWORD')),
  -- The address that it was mailed to.
  email text not null,
  create_time timestamptz not null default now(),
  expire_time timestamptz not null
);

create index account_tokens_user on account_tokens (user_id);
create index account_tokens_expire_time on account_tokens (expire_time);

-- Addresses for which a new password was asked for, whether they have an account or not: looked up later, so that the
-- answer and the work for it are the same. A row lives for a moment.
create table password_reset_requests (
  id bigint generated always as identity primary key,
  email text not null
);

-- Who gave and took roles.
create table role_changes (
  id bigint generated always as identity primary key,
  user_id uuid not null references users on delete cascade,
  role text not null check (role in ('CUSTOMER', 'ADMIN')),
  granted boolean not null,
  -- Id of a user, or operator:<name>.
  actor text not null,
  time timestamptz not null default now()
);

create index role_changes_user on role_changes (user_id);

-- What is left of a deleted account.
create table deletions (
  -- Random, and known to who deleted the account: the key to the state of the deletion.
  id uuid primary key,
  user_id uuid not null unique,
  create_time timestamptz not null default now(),
  end_time timestamptz
);

-- A sign-in that began before its account was to be deleted must not end with a session after that. Waits for a running
-- deletion, and makes a later one wait for this session, which it then ends.
create function refuse_sessions_of_deleted() returns trigger language plpgsql set search_path from current as $$
begin
  perform from users where id = new.user_id and delete_time is null for share;
  if not found then
    raise exception 'the account of the session is being deleted' using errcode = 'foreign_key_violation';
  end if;
  return new;
end
$$;

create trigger refuse_sessions_of_deleted before insert on sessions
  for each row execute function refuse_sessions_of_deleted();

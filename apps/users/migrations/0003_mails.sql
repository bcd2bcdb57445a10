-- Mails that were written together with what they tell of, and wait to be sent. A mail that was sent is deleted: it holds an
-- address and often a token. So is one that was not sent in time: its token has expired.
create table mails (
  id uuid primary key,
  user_id uuid not null references users on delete cascade,
  recipient text not null,
  subject text not null,
  body text not null,
  attempts integer not null default 0,
  -- Not before; while a replica sends it, the end of its lease.
  due_time timestamptz not null default now(),
  expire_time timestamptz not null
);

create index mails_due on mails (due_time);
create index mails_user on mails (user_id);

-- Where mails go in demo mode: shown at /mailbox of the internal listener, and deleted after a while.
create table mailbox (
  id uuid primary key,
  user_id uuid not null references users on delete cascade,
  recipient text not null,
  subject text not null,
  body text not null,
  create_time timestamptz not null default now(),
  expire_time timestamptz not null
);

create index mailbox_user on mailbox (user_id);

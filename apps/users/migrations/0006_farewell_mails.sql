-- The mail that tells of an account's deletion may still wait when the account is erased, since the mail server is away:
-- then it is nobody's mail any more, and waits on. All others go with the account's row.
alter table mails alter column user_id drop not null;
alter table mails add column outlives_account boolean not null default false;

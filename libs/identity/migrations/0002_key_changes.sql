alter table signing_keys
  -- When it begins to sign. Null: an hour after it was made.
  add column sign_time timestamptz,
  -- When it is published no longer, so that all it has signed is refused. Null: not before it is removed for its age.
  add column withdraw_time timestamptz;

-- Keys that this service signs tokens with; the public halves are published at its ops listener.
create table signing_keys (
  kid text primary key,
  public_jwk jsonb not null,
  private_jwk jsonb not null,
  create_time timestamptz not null default now()
);

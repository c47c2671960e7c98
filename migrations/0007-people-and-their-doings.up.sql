-- ---------------------------------------------------------------- access: people and programs
-- Centres are named by their code, as in packs and feeds; null: every centre.
alter table app_user
  alter column password_hash drop not null,   -- null: signs in through the organisation's provider only
  add column centres text[] check (cardinality(centres) > 0),
  add column password_changed_at timestamptz,
  add constraint app_user_admin_is_everywhere check (role <> 'admin' or centres is null);
alter table api_token
  add column centres text[] check (cardinality(centres) > 0),
  add constraint api_token_admin_is_everywhere check (role <> 'admin' or centres is null);

-- Who an outside provider says a person is.
create table app_identity (
  issuer text not null,
  subject text not null,
  user_id bigint not null references app_user,
  created_at timestamptz not null,
  used_at timestamptz not null,
  primary key (issuer, subject)
);
create index app_identity_user on app_identity (user_id);

delete from app_session;                      -- everyone signs in once more
alter table app_session
  add column id bigint generated always as identity unique,
  add column seen_at timestamptz not null,    -- to the minute; a session that rests too long ends
  add column via text not null check (via in ('password', 'oidc')),
  add column awaits_code boolean not null,    -- the password was right, the second factor is still to come
  add column wrong_codes smallint not null default 0,
  add column address text not null,
  add column agent text not null;             -- the browser as it names itself
create index app_session_user on app_session (user_id);

create table second_factor (
  user_id bigint primary key references app_user,
  secret_cipher bytea not null,
  key_id text not null,
  created_at timestamptz not null,
  confirmed_at timestamptz,                   -- null: being set up, no code is asked for yet
  last_step bigint not null default 0         -- half minute of the newest code taken: none is taken twice
);

create table recovery_code (
  user_id bigint not null references app_user,
  code_hash bytea not null,
  created_at timestamptz not null,
  used_at timestamptz,
  primary key (user_id, code_hash)
);

-- Failed sign-ins by what they have in common (account, address), under a hash; forgotten after an hour.
create table sign_in_failure (
  bucket bytea primary key,
  failures integer not null,
  began_at timestamptz not null
);
create index sign_in_failure_began on sign_in_failure (began_at);

-- ---------------------------------------------------------------- access: what people did
-- Numbered without gaps; each row's hash covers the row before it, so a change anywhere shows. Holds no number, no
-- text of a visitor, no secret.
create table audit_entry (
  id bigint primary key check (id > 0),
  happened_at timestamptz not null,           -- real time
  actor_kind text not null check (actor_kind in ('user', 'token', 'command', 'system')),
  actor_id text,
  actor_name text not null,
  address text,
  action text not null,
  subject_kind text,
  subject_id text,
  before jsonb,
  after jsonb,
  previous_hash bytea not null,
  hash bytea not null,                        -- SHA-256 over the row and previous_hash
  seal bytea not null                         -- HMAC of the hash under the vault's key: who has only the database cannot forge it
);
create index audit_entry_subject on audit_entry (subject_kind, subject_id, id);
create index audit_entry_actor on audit_entry (actor_name, id);
create index audit_entry_action on audit_entry (action, id);

create function audit_entry_stands() returns trigger language plpgsql as $$
begin
  raise exception 'audit_entry only grows: % is refused', tg_op;
end $$;
create trigger audit_entry_no_change before update or delete on audit_entry
  for each row execute function audit_entry_stands();
create trigger audit_entry_no_truncate before truncate on audit_entry
  for each statement execute function audit_entry_stands();

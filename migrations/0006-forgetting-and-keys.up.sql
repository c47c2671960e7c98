-- ---------------------------------------------------------------- contacts: keys
-- The key of the keyed hashes, sealed under the current secret: it stays the same when the secret changes.
create table vault_key (
  purpose text primary key check (purpose in ('address_hash')),
  key_cipher bytea not null,
  key_id text not null,
  created_at timestamptz not null,
  rotated_at timestamptz
);
alter table visit_record add column key_id text;  -- which key made phone_raw_cipher

-- ---------------------------------------------------------------- contacts: forgetting
-- A number whose time is over leaves its hash, for frequency caps; a person who is forgotten leaves no hash either.
alter table contact
  alter column phone_hash drop not null,
  alter column key_id drop not null,
  add constraint contact_forgotten check (erased_at is null or coalesce(phone_hash, phone_cipher) is null),
  add constraint contact_known check (erased_at is not null or phone_hash is not null);

-- Days that a class of data is kept; a class without a row has its default, null is for ever.
create table retention_rule (
  class text primary key,
  keep_days integer check (keep_days >= 0),
  updated_at timestamptz not null
);

-- What was removed because its time was over, by day: the proof that it is.
create table retention_removal (
  class text not null,
  removed_on date not null,
  pieces bigint not null,
  primary key (class, removed_on)
);

-- That people were forgotten, and what went, without who they were.
create table erasure (
  id bigint generated always as identity primary key,
  erased_at timestamptz not null,
  via text not null check (via in ('command', 'api')),
  went jsonb not null
);

-- Each finds what its class still holds, and nothing of what was removed.
create index answer_words on answer (answered_at) where text_cipher is not null;
create index visit_record_typed on visit_record (received_at) where phone_raw_cipher is not null;
create index carrier_fact_words on carrier_fact (received_at) where address_cipher is not null or text_cipher is not null;
create index carrier_fact_address on carrier_fact (address_hash) where kind <> 'receipt';

-- Some carriers send only wordings that were approved beforehand (Viber Business Messages in Ukraine). What is approved is
-- the wording itself, so it is found by the hash of a template's source: a new revision with the same words needs no new one.
create table text_approval (
  id bigint generated always as identity primary key,
  sender text not null,                       -- key of the sender whose carrier decides
  text_hash bytea not null,                   -- SHA-256 of the template's source
  state text not null check (state in ('submitted', 'approved', 'rejected')),
  carrier_template_id text,                   -- the carrier's name for it
  updated_at timestamptz not null,
  unique (sender, text_hash)
);

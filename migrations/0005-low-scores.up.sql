-- ---------------------------------------------------------------- surveys: low scores that somebody looks into
-- One for each invitation: several low scores of a visit are one matter.
create table service_case (
  id bigint generated always as identity primary key,
  invitation_id bigint not null unique references invitation,
  state text not null default 'open' check (state in ('open', 'taken', 'closed')),
  assignee text,                              -- who took it: e-mail address, or name of a token
  opened_at timestamptz not null,
  taken_at timestamptz,
  closed_at timestamptz,
  check ((state = 'closed') = (closed_at is not null)),
  check (state <> 'taken' or (assignee is not null and taken_at is not null))
);
create index service_case_standing on service_case (id) where state <> 'closed';

create table case_note (
  id bigint generated always as identity primary key,
  case_id bigint not null references service_case,
  author text not null,
  text_cipher bytea,                          -- null once forgotten
  key_id text,
  written_at timestamptz not null
);
create index case_note_case on case_note (case_id, id);
create index case_note_words on case_note (written_at) where text_cipher is not null;

-- Ids are bigint and reach the program as text. Times are timestamptz and are always given by the program's
-- clock, never by now(). Phone numbers exist only as ciphertext (contact) and keyed hash.

-- When a virtual clock began, so that processes and restarts share one timeline.
create table clock_anchor (
  start_at timestamptz not null,
  speed double precision not null,
  real_at timestamptz not null,
  primary key (start_at, speed)
);

-- ---------------------------------------------------------------- contacts: the person
create table contact (
  id bigint generated always as identity primary key,
  phone_hash bytea not null unique,           -- HMAC-SHA256 of the E.164 number under the vault's key
  phone_cipher bytea,                         -- AES-256-GCM; null once erased
  key_id text not null,                       -- which key made the ciphertext
  country text not null,                      -- ISO 3166-1 alpha-2, by the number
  created_at timestamptz not null,
  erased_at timestamptz
);

create table viber_subscriber (
  id bigint generated always as identity primary key,
  sender text not null,
  user_id text not null,                      -- opaque, unique for bot and user; never a number
  contact_id bigint references contact,       -- linked only by what the person did
  linked_at timestamptz,
  link_source text check (link_source in ('code', 'shared_phone')),
  language text,
  api_version integer,
  subscribed_at timestamptz,
  unsubscribed_at timestamptz,
  created_at timestamptz not null,
  unique (sender, user_id),
  check ((contact_id is null) = (linked_at is null))
);
create index viber_subscriber_contact on viber_subscriber (contact_id) where contact_id is not null;

-- Outlives erasure: holds only the keyed hash of an address. channel null: every channel.
create table suppression (
  id bigint generated always as identity primary key,
  address_hash bytea not null,
  channel text check (channel in ('sms', 'viber')),
  reason text not null check (reason in ('stop', 'unsubscribed', 'carrier', 'operator', 'import', 'wrong_number')),
  via text not null,                          -- sms, viber, page, operator, carrier, import
  created_at timestamptz not null,
  lifted_at timestamptz
);
create unique index suppression_standing on suppression (address_hash, coalesce(channel, '')) where lifted_at is null;

-- ---------------------------------------------------------------- intake: the visit
create table centre (
  id bigint generated always as identity primary key,
  code text not null unique,
  name text not null,
  timezone text not null,
  region text,
  city text,
  address text,
  latitude double precision,
  longitude double precision,
  confirmed boolean not null default false,   -- false: first seen in a feed, not in a list
  created_at timestamptz not null
);

create table intake_batch (
  id bigint generated always as identity primary key,
  source text not null,
  via text not null check (via in ('file', 'http', 'folder', 'table')),
  name text,
  started_at timestamptz not null,
  finished_at timestamptz,
  read integer not null default 0,
  accepted integer not null default 0,
  duplicates integer not null default 0,
  rejected integer not null default 0
);

create table rejected_row (
  id bigint generated always as identity primary key,
  batch_id bigint not null references intake_batch,
  line bigint not null,
  reason text not null,
  detail text not null,
  row_cipher bytea not null,                  -- the row as it came; it may hold a number
  key_id text not null,
  created_at timestamptz not null
);
create index rejected_row_batch on rejected_row (batch_id, line);

-- How far a feed that reads a foreign table has come.
create table feed_position (
  feed text primary key,
  position text not null,                     -- of the column it goes by, as its server writes it
  updated_at timestamptz not null
);

create table visit (
  id bigint generated always as identity primary key,
  source text not null,
  visit_key text not null,                    -- parts joined by |
  centre_id bigint not null references centre,
  service_code text,
  service_name text,
  desk text,
  employee text,
  outcome text not null check (outcome in ('served', 'left', 'no_show', 'redirected')),
  arrived_at timestamptz,
  finished_at timestamptz not null,
  finished_on date not null,                  -- day of finished_at in the centre's zone
  contact_id bigint references contact,
  phone_status text not null check (phone_status in ('ok', 'missing', 'bad', 'not_mobile')),
  consent text not null check (consent in ('granted', 'refused', 'unknown')),
  language text,
  attributes jsonb not null default '{}',
  legs integer not null default 1,
  revision integer not null default 1,        -- grows with each leg or correction
  planning_due_at timestamptz,                -- set when something changed; null once decided
  created_at timestamptz not null,
  unique (source, visit_key),
  check ((phone_status in ('ok')) = (contact_id is not null))
);
create index visit_planning_due on visit (planning_due_at, id) where planning_due_at is not null;
create index visit_finished_on on visit (finished_on, centre_id);
create index visit_contact on visit (contact_id) where contact_id is not null;

-- One row per record and revision: legs of a visit, and what each said before a correction.
create table visit_record (
  id bigint generated always as identity primary key,
  source text not null,
  record_id text not null,
  revision integer not null,
  current boolean not null,
  visit_id bigint not null references visit,
  batch_id bigint not null references intake_batch,
  line bigint not null,
  content_hash bytea not null,                -- keyed, so that a repeat is told from a correction
  centre_code text not null,
  service_code text,
  service_name text,
  desk text,
  employee text,
  ticket text,
  outcome text not null,
  arrived_at timestamptz,
  called_at timestamptz,
  finished_at timestamptz not null,
  contact_id bigint references contact,
  phone_status text not null,
  phone_raw_cipher bytea,                     -- what was typed, kept only when it is no usable number
  consent text not null,
  language text,
  attributes jsonb not null default '{}',
  attached_only boolean not null default false, -- came after the message was claimed
  received_at timestamptz not null,
  unique (source, record_id, revision)
);
create unique index visit_record_current on visit_record (source, record_id) where current;
create index visit_record_visit on visit_record (visit_id);

-- ---------------------------------------------------------------- planning: campaigns and the ledger
-- Every revision of a campaign, survey or message text stays, so that an old answer keeps its wording.
create table definition (
  id bigint generated always as identity primary key,
  kind text not null check (kind in ('campaign', 'survey', 'message')),
  key text not null,
  revision integer not null,
  content jsonb not null,
  content_hash text not null,
  pack text not null,
  created_at timestamptz not null,
  published_at timestamptz,
  unique (kind, key, revision)
);
create index definition_published on definition (kind, key, revision desc) where published_at is not null;

create table invitation (
  id bigint generated always as identity primary key,
  visit_id bigint not null unique references visit,
  contact_id bigint references contact,       -- null once erased
  campaign_id bigint not null references definition,
  survey_id bigint not null references definition,
  variant text not null,                      -- key of the invite message
  code text not null unique,                  -- of the short link
  locale text not null,
  legal_basis text not null check (legal_basis in ('public_task', 'consent')),
  channels text[] not null,
  planned_at timestamptz not null,
  deadline_at timestamptz not null,           -- finished_at + maxAge: not sent later
  expires_at timestamptz not null,            -- answers after it are late
  sms_parts smallint not null default 0,      -- SMS parts it may cost, held against the campaign's budget
  created_at timestamptz not null,
  -- facts: set once, each the first time it happened
  cancelled_at timestamptz,
  cancel_reason text,
  sent_at timestamptz,
  sent_channel text,
  delivered_at timestamptz,
  undelivered_at timestamptz,
  seen_at timestamptz,
  opened_at timestamptz,
  started_at timestamptz,
  completed_at timestamptz,
  completed_via text,
  refused_at timestamptz,
  wrong_number_at timestamptz,
  ineligible_at timestamptz,
  check ((cancelled_at is null) = (cancel_reason is null))
) with (fillfactor = 50); -- facts come to a whole page at once, and stay on it without touching an index
create index invitation_contact on invitation (contact_id, planned_at);
create index invitation_campaign on invitation (campaign_id, planned_at);
create index invitation_completed on invitation (campaign_id, completed_at) where completed_at is not null;

create table decision (
  visit_id bigint primary key references visit,
  decision text not null check (decision in ('invited', 'control', 'not_invited')),
  reason text check (reason in ('outcome_excluded', 'no_phone', 'bad_phone', 'not_mobile', 'country_not_allowed',
    'no_consent', 'no_campaign', 'too_old', 'opted_out', 'not_sampled', 'frequency_cap', 'quota_full',
    'budget_exhausted', 'window_missed')),
  campaign_id bigint references definition,
  channel text,
  planned_at timestamptz,
  visit_revision integer not null,
  decided_at timestamptz not null,
  check ((decision = 'not_invited') = (reason is not null))
);

-- ---------------------------------------------------------------- dispatch: the outbox
-- Carrier accounts as the environment configures them; the worker writes this at start.
create table sender (
  key text primary key,                       -- as in /hooks/{sender}
  kind text not null,
  channel text not null check (channel in ('sms', 'viber')),
  addressing text not null check (addressing in ('phone', 'subscriber')),
  two_way boolean not null,
  enabled boolean not null,
  priority smallint not null,                 -- lower is tried first within a channel
  stopped_at timestamptz,
  stopped_reason text,
  parts_per_second real check (parts_per_second > 0), -- all workers together, real time; null: as fast as it goes
  allowance real,                             -- parts that may be sent at once, as of allowance_at; below 0: overdrawn
  allowance_at timestamptz,                   -- real time
  updated_at timestamptz not null
);

create table message (
  id bigint generated always as identity primary key,
  invitation_id bigint references invitation,
  contact_id bigint references contact,
  subscriber_id bigint references viber_subscriber,
  kind text not null check (kind in ('invite', 'reminder', 'question', 'thanks', 'reask', 'notice')),
  channel text not null check (channel in ('sms', 'viber')),
  sender text not null references sender,
  template_id bigint references definition,
  locale text not null,
  content jsonb not null,                     -- values of the template's fields, or which question; no number, no text
  state text not null default 'queued' check (state in
    ('queued', 'sending', 'accepted', 'delivered', 'failed', 'uncertain', 'cancelled', 'abandoned')),
  priority smallint not null check (priority in (0, 5, 6)), -- conversation, invites, reminders
  due_at timestamptz not null,
  closes_at timestamptz,                      -- end of the sending window that due_at lies in; null: any hour
  not_after timestamptz not null,             -- never sent later
  attempt integer not null default 0,
  claimed_by text,
  leased_until timestamptz,                   -- real time, not civil
  external_id text,                           -- the carrier's id
  parts smallint,
  reason text,                                -- why failed, cancelled, uncertain or abandoned
  vendor_code text,
  fallback_of bigint references message,
  ordinal smallint not null default 1,        -- which reminder it is; 1 for everything else
  follow_up_at timestamptz,                   -- when dispatch looks again: fallback, reminder, or what became of it
  created_at timestamptz not null,
  accepted_at timestamptz,
  settled_at timestamptz,                     -- reached a state that nothing leaves
  check ((state = 'sending') = (claimed_by is not null)),
  check ((state = 'sending') = (leased_until is not null)),
  check ((state in ('delivered', 'failed', 'cancelled', 'abandoned')) = (settled_at is not null)),
  check ((contact_id is not null) or (subscriber_id is not null) or settled_at is not null)
) with (fillfactor = 70);
create index message_due on message (sender, priority, due_at, id) where state = 'queued';
create index message_leased on message (leased_until) where state = 'sending';
create index message_uncertain on message (id) where state = 'uncertain';
create unique index message_external on message (sender, external_id) where external_id is not null;
create index message_subscriber on message (subscriber_id) where subscriber_id is not null;
create index message_notice on message (contact_id) where kind = 'notice';
create index message_follow_up on message (follow_up_at) where follow_up_at is not null;
-- One standing first message per invitation and channel: a second plan cannot send it twice. Conversation and what was
-- cancelled stand under their own id (negative, apart from ordinals), so that this one index also finds all messages of an invitation.
create unique index message_once on message (invitation_id, kind, channel,
  (case when kind in ('invite', 'reminder') and state <> 'cancelled' then ordinal else -id end));

-- Written only by the claim, which holds the message's row: a foreign key would check each of them once more.
create table attempt (
  message_id bigint not null,                 -- of message
  attempt integer not null,
  worker text not null,
  claimed_at timestamptz not null,
  finished_at timestamptz,
  outcome text check (outcome in ('accepted', 'rejected', 'deferred', 'blocked', 'uncertain', 'rescued')),
  vendor_code text,
  detail text,                                -- the carrier's words, redacted
  external_id text,
  primary key (message_id, attempt)
) with (fillfactor = 50);

-- ---------------------------------------------------------------- replies: what carriers tell us
-- Stored under a unique key before it is applied; replaying a webhook is a no-op.
create table carrier_fact (
  id bigint generated always as identity primary key,
  sender text not null,
  kind text not null check (kind in ('receipt', 'text', 'opt_out', 'opt_in', 'help', 'conversation_started',
    'subscribed', 'unsubscribed', 'shared_phone', 'unknown')),
  dedupe_key text not null,
  external_id text,                           -- of our message for a receipt, of theirs for a text
  message_id bigint,                          -- ours, when the callback carried it
  address_hash bytea,
  address_cipher bytea,                       -- E.164 number or carrier user id
  key_id text,
  status text check (status in ('accepted', 'sent', 'delivered', 'undelivered', 'failed', 'seen')),
  vendor_code text,
  text_cipher bytea,                          -- what the person wrote, or the raw body of an unknown webhook
  detail jsonb not null default '{}',         -- nothing personal
  happened_at timestamptz not null,
  received_at timestamptz not null,
  applied_at timestamptz,
  meaning text,                               -- what replies made of it
  invitation_id bigint references invitation,
  unique (sender, dedupe_key)
);
create index carrier_fact_pending on carrier_fact (id) where applied_at is null;
create index carrier_fact_invitation on carrier_fact (invitation_id) where invitation_id is not null;

-- ---------------------------------------------------------------- surveys: answers
create table answer (
  invitation_id bigint not null references invitation,
  question_key text not null,
  survey_id bigint not null references definition,
  value jsonb,                                -- scale, nps: number; yesno: boolean; choice: text; multi: array
  text_cipher bytea,                          -- free text
  key_id text,
  via text not null check (via in ('page', 'sms', 'viber')),
  late boolean not null,
  answered_at timestamptz not null,
  primary key (invitation_id, question_key),
  check (value is not null or text_cipher is not null)
);
create index answer_answered_at on answer (answered_at); -- the latest answers, and exports by time

-- Which question a person was last asked in a conversation by text.
create table conversation (
  invitation_id bigint not null references invitation,
  channel text not null check (channel in ('sms', 'viber')),
  sender text not null,
  asked_key text,                             -- null: nothing is being asked
  reasked boolean not null default false,     -- the one polite repeat was spent on asked_key
  updated_at timestamptz not null,
  primary key (invitation_id, channel)
);

-- ---------------------------------------------------------------- access: people and programs
create table app_user (
  id bigint generated always as identity primary key,
  email text not null unique check (email = lower(email)),
  password_hash text not null,
  role text not null check (role in ('admin', 'analyst', 'operator')),
  created_at timestamptz not null,
  disabled_at timestamptz
);

create table app_session (
  token_hash bytea primary key,
  user_id bigint not null references app_user,
  csrf_token text not null,
  created_at timestamptz not null,
  expires_at timestamptz not null
);

create table api_token (
  id bigint generated always as identity primary key,
  name text not null,
  role text not null check (role in ('admin', 'analyst', 'operator')),
  token_hash bytea not null unique,
  created_at timestamptz not null,
  expires_at timestamptz,
  revoked_at timestamptz,
  last_used_at timestamptz
);

-- Made from a migrated database by the schema test; UPDATE_SCHEMA=1 writes it anew.
create table answer (
  invitation_id bigint not null,
  question_key text not null,
  survey_id bigint not null,
  value jsonb,
  text_cipher bytea,
  key_id text,
  via text not null,
  late boolean not null,
  answered_at timestamp with time zone not null,
  constraint answer_check CHECK (((value IS NOT NULL) OR (text_cipher IS NOT NULL))),
  constraint answer_invitation_id_fkey FOREIGN KEY (invitation_id) REFERENCES invitation(id),
  constraint answer_pkey PRIMARY KEY (invitation_id, question_key),
  constraint answer_survey_id_fkey FOREIGN KEY (survey_id) REFERENCES definition(id),
  constraint answer_via_check CHECK ((via = ANY (ARRAY['page'::text, 'sms'::text, 'viber'::text])))
);
CREATE INDEX answer_answered_at ON public.answer USING btree (answered_at);
CREATE INDEX answer_words ON public.answer USING btree (answered_at) WHERE (text_cipher IS NOT NULL);
CREATE TRIGGER rollup_deleted AFTER DELETE ON public.answer REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION rollup_mark_answer();
CREATE TRIGGER rollup_inserted AFTER INSERT ON public.answer REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION rollup_mark_answer();
CREATE TRIGGER rollup_updated AFTER UPDATE ON public.answer REFERENCING OLD TABLE AS gone NEW TABLE AS came FOR EACH STATEMENT EXECUTE FUNCTION rollup_mark_answer_change();
create table api_token (
  id bigint generated always as identity not null,
  name text not null,
  role text not null,
  token_hash bytea not null,
  created_at timestamp with time zone not null,
  expires_at timestamp with time zone,
  revoked_at timestamp with time zone,
  last_used_at timestamp with time zone,
  centres text[],
  constraint api_token_admin_is_everywhere CHECK (((role <> 'admin'::text) OR (centres IS NULL))),
  constraint api_token_centres_check CHECK ((cardinality(centres) > 0)),
  constraint api_token_pkey PRIMARY KEY (id),
  constraint api_token_role_check CHECK ((role = ANY (ARRAY['admin'::text, 'analyst'::text, 'operator'::text]))),
  constraint api_token_token_hash_key UNIQUE (token_hash)
);
create table app_identity (
  issuer text not null,
  subject text not null,
  user_id bigint not null,
  created_at timestamp with time zone not null,
  used_at timestamp with time zone not null,
  constraint app_identity_pkey PRIMARY KEY (issuer, subject),
  constraint app_identity_user_id_fkey FOREIGN KEY (user_id) REFERENCES app_user(id)
);
CREATE INDEX app_identity_user ON public.app_identity USING btree (user_id);
create table app_session (
  token_hash bytea not null,
  user_id bigint not null,
  csrf_token text not null,
  created_at timestamp with time zone not null,
  expires_at timestamp with time zone not null,
  id bigint generated always as identity not null,
  seen_at timestamp with time zone not null,
  via text not null,
  awaits_code boolean not null,
  wrong_codes smallint default 0 not null,
  address text not null,
  agent text not null,
  constraint app_session_id_key UNIQUE (id),
  constraint app_session_pkey PRIMARY KEY (token_hash),
  constraint app_session_user_id_fkey FOREIGN KEY (user_id) REFERENCES app_user(id),
  constraint app_session_via_check CHECK ((via = ANY (ARRAY['password'::text, 'oidc'::text])))
);
CREATE INDEX app_session_user ON public.app_session USING btree (user_id);
create table app_user (
  id bigint generated always as identity not null,
  email text not null,
  password_hash text,
  role text not null,
  created_at timestamp with time zone not null,
  disabled_at timestamp with time zone,
  centres text[],
  password_changed_at timestamp with time zone,
  password_due text,
  constraint app_user_admin_is_everywhere CHECK (((role <> 'admin'::text) OR (centres IS NULL))),
  constraint app_user_centres_check CHECK ((cardinality(centres) > 0)),
  constraint app_user_email_check CHECK ((email = lower(email))),
  constraint app_user_email_key UNIQUE (email),
  constraint app_user_password_due_check CHECK ((password_due = ANY (ARRAY['given'::text, 'stolen'::text]))),
  constraint app_user_pkey PRIMARY KEY (id),
  constraint app_user_role_check CHECK ((role = ANY (ARRAY['admin'::text, 'analyst'::text, 'operator'::text])))
);
create table attempt (
  message_id bigint not null,
  attempt integer not null,
  worker text not null,
  claimed_at timestamp with time zone not null,
  finished_at timestamp with time zone not null,
  outcome text not null,
  vendor_code text,
  detail text,
  external_id text,
  constraint attempt_outcome_check CHECK ((outcome = ANY (ARRAY['accepted'::text, 'rejected'::text, 'deferred'::text, 'blocked'::text, 'uncertain'::text, 'rescued'::text]))),
  constraint attempt_pkey PRIMARY KEY (message_id, attempt)
);
create table audit_entry (
  id bigint not null,
  happened_at timestamp with time zone not null,
  actor_kind text not null,
  actor_id text,
  actor_name text not null,
  address text,
  action text not null,
  subject_kind text,
  subject_id text,
  before jsonb,
  after jsonb,
  previous_hash bytea not null,
  hash bytea not null,
  seal bytea not null,
  constraint audit_entry_actor_kind_check CHECK ((actor_kind = ANY (ARRAY['user'::text, 'token'::text, 'command'::text, 'system'::text]))),
  constraint audit_entry_id_check CHECK ((id > 0)),
  constraint audit_entry_pkey PRIMARY KEY (id)
);
CREATE INDEX audit_entry_action ON public.audit_entry USING btree (action, id);
CREATE INDEX audit_entry_actor ON public.audit_entry USING btree (actor_name, id);
CREATE INDEX audit_entry_subject ON public.audit_entry USING btree (subject_kind, subject_id, id);
CREATE TRIGGER audit_entry_no_change BEFORE DELETE OR UPDATE ON public.audit_entry FOR EACH ROW EXECUTE FUNCTION audit_entry_stands();
CREATE TRIGGER audit_entry_no_truncate BEFORE TRUNCATE ON public.audit_entry FOR EACH STATEMENT EXECUTE FUNCTION audit_entry_stands();
create table carrier_fact (
  id bigint generated always as identity not null,
  sender text not null,
  kind text not null,
  dedupe_key text not null,
  external_id text,
  message_id bigint,
  address_hash bytea,
  address_cipher bytea,
  key_id text,
  status text,
  vendor_code text,
  text_cipher bytea,
  detail jsonb default '{}'::jsonb not null,
  happened_at timestamp with time zone not null,
  received_at timestamp with time zone not null,
  applied_at timestamp with time zone,
  meaning text,
  invitation_id bigint,
  constraint carrier_fact_kind_check CHECK ((kind = ANY (ARRAY['receipt'::text, 'text'::text, 'opt_out'::text, 'opt_in'::text, 'help'::text, 'conversation_started'::text, 'subscribed'::text, 'unsubscribed'::text, 'shared_phone'::text, 'unknown'::text]))),
  constraint carrier_fact_pkey PRIMARY KEY (id),
  constraint carrier_fact_sender_dedupe_key_key UNIQUE (sender, dedupe_key),
  constraint carrier_fact_status_check CHECK ((status = ANY (ARRAY['accepted'::text, 'sent'::text, 'delivered'::text, 'undelivered'::text, 'failed'::text, 'seen'::text])))
);
CREATE INDEX carrier_fact_address ON public.carrier_fact USING btree (address_hash) WHERE (kind <> 'receipt'::text);
CREATE INDEX carrier_fact_invitation ON public.carrier_fact USING btree (invitation_id) WHERE (invitation_id IS NOT NULL);
CREATE INDEX carrier_fact_pending ON public.carrier_fact USING btree (id) WHERE (applied_at IS NULL);
CREATE INDEX carrier_fact_words ON public.carrier_fact USING btree (received_at) WHERE ((address_cipher IS NOT NULL) OR (text_cipher IS NOT NULL));
create table case_note (
  id bigint generated always as identity not null,
  case_id bigint not null,
  author text not null,
  text_cipher bytea,
  key_id text,
  written_at timestamp with time zone not null,
  constraint case_note_case_id_fkey FOREIGN KEY (case_id) REFERENCES service_case(id),
  constraint case_note_pkey PRIMARY KEY (id)
);
CREATE INDEX case_note_case ON public.case_note USING btree (case_id, id);
CREATE INDEX case_note_words ON public.case_note USING btree (written_at) WHERE (text_cipher IS NOT NULL);
create table centre (
  id bigint generated always as identity not null,
  code text not null,
  name text not null,
  timezone text not null,
  region text,
  city text,
  address text,
  latitude double precision,
  longitude double precision,
  confirmed boolean default false not null,
  created_at timestamp with time zone not null,
  constraint centre_code_key UNIQUE (code),
  constraint centre_pkey PRIMARY KEY (id)
);
create table claim (
  id bigint generated always as identity not null,
  sender text not null,
  worker text not null,
  leased_until timestamp with time zone not null,
  messages bigint[] not null,
  in_flight integer not null,
  constraint claim_in_flight_check CHECK ((in_flight >= 0)),
  constraint claim_pkey PRIMARY KEY (id)
);
create table clock_anchor (
  start_at timestamp with time zone not null,
  speed double precision not null,
  real_at timestamp with time zone not null,
  constraint clock_anchor_pkey PRIMARY KEY (start_at, speed)
);
create table contact (
  id bigint generated always as identity not null,
  phone_hash bytea,
  phone_cipher bytea,
  key_id text,
  country text not null,
  created_at timestamp with time zone not null,
  erased_at timestamp with time zone,
  constraint contact_forgotten CHECK (((erased_at IS NULL) OR (COALESCE(phone_hash, phone_cipher) IS NULL))),
  constraint contact_known CHECK (((erased_at IS NOT NULL) OR (phone_hash IS NOT NULL))),
  constraint contact_phone_hash_key UNIQUE (phone_hash),
  constraint contact_pkey PRIMARY KEY (id)
);
create table conversation (
  invitation_id bigint not null,
  channel text not null,
  sender text not null,
  asked_key text,
  reasked boolean default false not null,
  updated_at timestamp with time zone not null,
  constraint conversation_channel_check CHECK ((channel = ANY (ARRAY['sms'::text, 'viber'::text]))),
  constraint conversation_invitation_id_fkey FOREIGN KEY (invitation_id) REFERENCES invitation(id),
  constraint conversation_pkey PRIMARY KEY (invitation_id, channel)
);
create table decision (
  visit_id bigint not null,
  decision text not null,
  reason text,
  campaign_id bigint,
  channel text,
  planned_at timestamp with time zone,
  visit_revision integer not null,
  decided_at timestamp with time zone not null,
  constraint decision_campaign_id_fkey FOREIGN KEY (campaign_id) REFERENCES definition(id),
  constraint decision_check CHECK (((decision = 'not_invited'::text) = (reason IS NOT NULL))),
  constraint decision_decision_check CHECK ((decision = ANY (ARRAY['invited'::text, 'control'::text, 'not_invited'::text]))),
  constraint decision_pkey PRIMARY KEY (visit_id),
  constraint decision_reason_check CHECK ((reason = ANY (ARRAY['outcome_excluded'::text, 'no_phone'::text, 'bad_phone'::text, 'not_mobile'::text, 'country_not_allowed'::text, 'no_consent'::text, 'no_campaign'::text, 'too_old'::text, 'opted_out'::text, 'not_sampled'::text, 'frequency_cap'::text, 'quota_full'::text, 'budget_exhausted'::text, 'window_missed'::text]))),
  constraint decision_visit_id_fkey FOREIGN KEY (visit_id) REFERENCES visit(id)
);
CREATE TRIGGER rollup_deleted AFTER DELETE ON public.decision REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION rollup_mark_decision();
CREATE TRIGGER rollup_inserted AFTER INSERT ON public.decision REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION rollup_mark_decision();
CREATE TRIGGER rollup_updated AFTER UPDATE ON public.decision REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION rollup_mark_decision();
create table definition (
  id bigint generated always as identity not null,
  kind text not null,
  key text not null,
  revision integer not null,
  content jsonb not null,
  content_hash text not null,
  pack text not null,
  created_at timestamp with time zone not null,
  published_at timestamp with time zone,
  withdrawn_at timestamp with time zone,
  constraint definition_kind_check CHECK ((kind = ANY (ARRAY['campaign'::text, 'survey'::text, 'message'::text]))),
  constraint definition_kind_key_revision_key UNIQUE (kind, key, revision),
  constraint definition_pkey PRIMARY KEY (id)
);
CREATE INDEX definition_published ON public.definition USING btree (kind, key, revision DESC) WHERE (published_at IS NOT NULL);
create table erasure (
  id bigint generated always as identity not null,
  erased_at timestamp with time zone not null,
  via text not null,
  went jsonb not null,
  constraint erasure_pkey PRIMARY KEY (id),
  constraint erasure_via_check CHECK ((via = ANY (ARRAY['command'::text, 'api'::text])))
);
create table feed_position (
  feed text not null,
  position text not null,
  updated_at timestamp with time zone not null,
  constraint feed_position_pkey PRIMARY KEY (feed)
);
create table intake_batch (
  id bigint generated always as identity not null,
  source text not null,
  via text not null,
  name text,
  started_at timestamp with time zone not null,
  finished_at timestamp with time zone,
  read integer default 0 not null,
  accepted integer default 0 not null,
  duplicates integer default 0 not null,
  rejected integer default 0 not null,
  constraint intake_batch_pkey PRIMARY KEY (id),
  constraint intake_batch_via_check CHECK ((via = ANY (ARRAY['file'::text, 'http'::text, 'folder'::text, 'table'::text])))
);
create table invitation (
  id bigint generated always as identity not null,
  visit_id bigint not null,
  contact_id bigint,
  campaign_id bigint not null,
  survey_id bigint not null,
  variant text not null,
  code text not null,
  locale text not null,
  legal_basis text not null,
  channels text[] not null,
  planned_at timestamp with time zone not null,
  deadline_at timestamp with time zone not null,
  expires_at timestamp with time zone not null,
  sms_parts smallint default 0 not null,
  created_at timestamp with time zone not null,
  cancelled_at timestamp with time zone,
  cancel_reason text,
  sent_at timestamp with time zone,
  sent_channel text,
  delivered_at timestamp with time zone,
  undelivered_at timestamp with time zone,
  seen_at timestamp with time zone,
  opened_at timestamp with time zone,
  started_at timestamp with time zone,
  completed_at timestamp with time zone,
  completed_via text,
  refused_at timestamp with time zone,
  wrong_number_at timestamp with time zone,
  ineligible_at timestamp with time zone,
  overlap_at timestamp with time zone,
  constraint invitation_campaign_id_fkey FOREIGN KEY (campaign_id) REFERENCES definition(id),
  constraint invitation_check CHECK (((cancelled_at IS NULL) = (cancel_reason IS NULL))),
  constraint invitation_code_key UNIQUE (code),
  constraint invitation_contact_id_fkey FOREIGN KEY (contact_id) REFERENCES contact(id),
  constraint invitation_legal_basis_check CHECK ((legal_basis = ANY (ARRAY['public_task'::text, 'consent'::text]))),
  constraint invitation_pkey PRIMARY KEY (id),
  constraint invitation_survey_id_fkey FOREIGN KEY (survey_id) REFERENCES definition(id),
  constraint invitation_visit_id_fkey FOREIGN KEY (visit_id) REFERENCES visit(id),
  constraint invitation_visit_id_key UNIQUE (visit_id)
);
CREATE INDEX invitation_campaign ON public.invitation USING btree (campaign_id, planned_at);
CREATE INDEX invitation_completed ON public.invitation USING btree (campaign_id, completed_at) WHERE (completed_at IS NOT NULL);
CREATE INDEX invitation_contact ON public.invitation USING btree (contact_id, planned_at);
CREATE TRIGGER rollup_deleted AFTER DELETE ON public.invitation REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION rollup_mark_decision();
CREATE TRIGGER rollup_inserted AFTER INSERT ON public.invitation REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION rollup_mark_decision();
CREATE TRIGGER rollup_updated AFTER UPDATE ON public.invitation REFERENCING OLD TABLE AS gone NEW TABLE AS came FOR EACH STATEMENT EXECUTE FUNCTION rollup_mark_invitation();
create table message (
  id bigint generated always as identity not null,
  invitation_id bigint,
  contact_id bigint,
  subscriber_id bigint,
  kind text not null,
  channel text not null,
  sender text not null,
  template_id bigint,
  locale text not null,
  content jsonb not null,
  state text default 'queued'::text not null,
  priority smallint not null,
  due_at timestamp with time zone not null,
  closes_at timestamp with time zone,
  not_after timestamp with time zone not null,
  attempt integer default 0 not null,
  claimed_by text,
  external_id text,
  parts smallint,
  reason text,
  vendor_code text,
  fallback_of bigint,
  ordinal smallint default 1 not null,
  follow_up_at timestamp with time zone,
  created_at timestamp with time zone not null,
  accepted_at timestamp with time zone,
  settled_at timestamp with time zone,
  campaign_id bigint default 0 not null,
  claimed_at timestamp with time zone,
  slot bigint generated always as (
CASE
    WHEN ((kind = ANY (ARRAY['invite'::text, 'reminder'::text])) AND (state <> 'cancelled'::text)) THEN (ordinal)::bigint
    ELSE (- id)
END) stored,
  claim_id bigint,
  standing text generated always as (
CASE state
    WHEN 'queued'::text THEN
    CASE
        WHEN (attempt = 0) THEN 'open'::text
        ELSE 'again'::text
    END
    WHEN 'sending'::text THEN 'open'::text
    WHEN 'uncertain'::text THEN 'uncertain'::text
    WHEN 'abandoned'::text THEN 'abandoned'::text
    ELSE NULL::text
END) stored,
  constraint message_channel_check CHECK ((channel = ANY (ARRAY['sms'::text, 'viber'::text]))),
  constraint message_check2 CHECK (((state = ANY (ARRAY['delivered'::text, 'failed'::text, 'cancelled'::text, 'abandoned'::text])) = (settled_at IS NOT NULL))),
  constraint message_check3 CHECK (((contact_id IS NOT NULL) OR (subscriber_id IS NOT NULL) OR (settled_at IS NOT NULL))),
  constraint message_claimed CHECK (((state <> 'sending'::text) OR ((claimed_by IS NOT NULL) AND (claimed_at IS NOT NULL) AND (claim_id IS NOT NULL)))),
  constraint message_contact_id_fkey FOREIGN KEY (contact_id) REFERENCES contact(id),
  constraint message_fallback_of_fkey FOREIGN KEY (fallback_of) REFERENCES message(id),
  constraint message_invitation_id_fkey FOREIGN KEY (invitation_id) REFERENCES invitation(id),
  constraint message_kind_check CHECK ((kind = ANY (ARRAY['invite'::text, 'reminder'::text, 'question'::text, 'thanks'::text, 'reask'::text, 'notice'::text]))),
  constraint message_pkey PRIMARY KEY (id),
  constraint message_priority_check CHECK ((priority = ANY (ARRAY[0, 5, 6]))),
  constraint message_sender_fkey FOREIGN KEY (sender) REFERENCES sender(key),
  constraint message_state_check CHECK ((state = ANY (ARRAY['queued'::text, 'sending'::text, 'accepted'::text, 'delivered'::text, 'failed'::text, 'uncertain'::text, 'cancelled'::text, 'abandoned'::text]))),
  constraint message_subscriber_id_fkey FOREIGN KEY (subscriber_id) REFERENCES viber_subscriber(id),
  constraint message_template_id_fkey FOREIGN KEY (template_id) REFERENCES definition(id)
);
CREATE INDEX message_abandoned ON public.message USING btree (id) WHERE (standing = 'abandoned'::text);
CREATE INDEX message_again ON public.message USING btree (subscriber_id) WHERE ((standing = 'again'::text) AND (subscriber_id IS NOT NULL));
CREATE INDEX message_due ON public.message USING btree (sender, priority, campaign_id, due_at, id) WHERE (standing = ANY (ARRAY['open'::text, 'again'::text]));
CREATE UNIQUE INDEX message_external ON public.message USING btree (sender, external_id) WHERE (external_id IS NOT NULL);
CREATE INDEX message_follow_up ON public.message USING btree (follow_up_at) WHERE (follow_up_at IS NOT NULL);
CREATE INDEX message_notice ON public.message USING btree (contact_id) WHERE (kind = 'notice'::text);
CREATE UNIQUE INDEX message_once ON public.message USING btree (invitation_id, kind, channel, slot);
CREATE INDEX message_subscriber ON public.message USING btree (subscriber_id) WHERE (subscriber_id IS NOT NULL);
CREATE INDEX message_uncertain ON public.message USING btree (id) WHERE (standing = 'uncertain'::text);
CREATE TRIGGER rollup_deleted AFTER DELETE ON public.message REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION rollup_mark_message();
CREATE TRIGGER rollup_inserted AFTER INSERT ON public.message REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION rollup_mark_message();
CREATE TRIGGER rollup_updated AFTER UPDATE ON public.message REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION rollup_mark_message();
create table recovery_code (
  user_id bigint not null,
  code_hash bytea not null,
  created_at timestamp with time zone not null,
  used_at timestamp with time zone,
  constraint recovery_code_pkey PRIMARY KEY (user_id, code_hash),
  constraint recovery_code_user_id_fkey FOREIGN KEY (user_id) REFERENCES app_user(id)
);
create table rejected_row (
  id bigint generated always as identity not null,
  batch_id bigint not null,
  line bigint not null,
  reason text not null,
  detail text not null,
  row_cipher bytea not null,
  key_id text not null,
  created_at timestamp with time zone not null,
  constraint rejected_row_batch_id_fkey FOREIGN KEY (batch_id) REFERENCES intake_batch(id),
  constraint rejected_row_pkey PRIMARY KEY (id)
);
CREATE INDEX rejected_row_batch ON public.rejected_row USING btree (batch_id, line);
create table retention_removal (
  class text not null,
  removed_on date not null,
  pieces bigint not null,
  constraint retention_removal_pkey PRIMARY KEY (class, removed_on)
);
create table retention_rule (
  class text not null,
  keep_days integer,
  updated_at timestamp with time zone not null,
  constraint retention_rule_keep_days_check CHECK ((keep_days >= 0)),
  constraint retention_rule_pkey PRIMARY KEY (class)
);
create table rollup_answer (
  grain "char" not null,
  kept smallint not null,
  first_day date not null,
  centre_id bigint,
  ways bigint[] not null,
  answers integer[] not null
);
CREATE INDEX rollup_answer_first_day ON public.rollup_answer USING btree (grain, kept, first_day);
create table rollup_answer_way (
  id integer generated always as identity not null,
  survey_id bigint not null,
  question_key text,
  value jsonb,
  constraint rollup_answer_way_pkey PRIMARY KEY (id),
  constraint rollup_answer_way_survey_id_question_key_value_key UNIQUE NULLS NOT DISTINCT (survey_id, question_key, value)
);
create table rollup_day (
  finished_on date not null,
  look_at timestamp with time zone,
  quiet_from xid8,
  rule smallint default 0 not null,
  open_until timestamp with time zone,
  counted_at timestamp with time zone,
  constraint rollup_day_pkey PRIMARY KEY (finished_on)
);
create table rollup_frontier (
  only_row boolean default true not null,
  finished_on date not null,
  expired_at timestamp with time zone not null,
  visit_id bigint default 0 not null,
  invitation_id bigint default 0 not null,
  constraint rollup_frontier_only_row_check CHECK (only_row),
  constraint rollup_frontier_pkey PRIMARY KEY (only_row)
);
create table rollup_mark (
  finished_on date not null
);
create table rollup_message (
  grain "char" not null,
  kept smallint not null,
  first_day date not null,
  centre_id bigint,
  ways bigint[] not null,
  messages integer[] not null,
  parts integer[] not null,
  uncounted integer[] not null
);
CREATE INDEX rollup_message_first_day ON public.rollup_message USING btree (grain, kept, first_day);
create table rollup_message_way (
  id integer generated always as identity not null,
  sent_by text not null,
  kind text not null,
  constraint rollup_message_way_pkey PRIMARY KEY (id),
  constraint rollup_message_way_sent_by_kind_key UNIQUE (sent_by, kind)
);
create table rollup_month (
  month date not null,
  counted_at timestamp with time zone not null,
  constraint rollup_month_pkey PRIMARY KEY (month)
);
create table rollup_path (
  grain "char" not null,
  kept smallint not null,
  first_day date not null,
  centre_id bigint,
  ways bigint[] not null,
  visits integer[] not null
);
CREATE INDEX rollup_path_first_day ON public.rollup_path USING btree (grain, kept, first_day);
create table rollup_path_way (
  id integer generated always as identity not null,
  decision text,
  reason text,
  facts smallint not null,
  constraint rollup_path_way_decision_reason_facts_key UNIQUE NULLS NOT DISTINCT (decision, reason, facts),
  constraint rollup_path_way_pkey PRIMARY KEY (id)
);
create table rollup_service (
  id integer generated always as identity not null,
  service_code text,
  constraint rollup_service_pkey PRIMARY KEY (id),
  constraint rollup_service_service_code_check CHECK ((service_code <> ''::text)),
  constraint rollup_service_service_code_key UNIQUE NULLS NOT DISTINCT (service_code)
);
create table rollup_slice (
  id integer generated always as identity not null,
  campaign_id bigint,
  channel text,
  variant text,
  language text,
  constraint rollup_slice_campaign_id_channel_variant_language_key UNIQUE NULLS NOT DISTINCT (campaign_id, channel, variant, language),
  constraint rollup_slice_language_check CHECK ((language <> ''::text)),
  constraint rollup_slice_pkey PRIMARY KEY (id),
  constraint rollup_slice_variant_check CHECK ((variant <> ''::text))
);
create table second_factor (
  user_id bigint not null,
  secret_cipher bytea not null,
  key_id text not null,
  created_at timestamp with time zone not null,
  confirmed_at timestamp with time zone,
  last_step bigint default 0 not null,
  constraint second_factor_pkey PRIMARY KEY (user_id),
  constraint second_factor_user_id_fkey FOREIGN KEY (user_id) REFERENCES app_user(id)
);
create table sender (
  key text not null,
  kind text not null,
  channel text not null,
  addressing text not null,
  two_way boolean not null,
  enabled boolean not null,
  priority smallint not null,
  stopped_at timestamp with time zone,
  stopped_reason text,
  parts_per_second real,
  allowance real,
  allowance_at timestamp with time zone,
  updated_at timestamp with time zone not null,
  max_in_flight integer,
  paused_until timestamp with time zone,
  constraint sender_addressing_check CHECK ((addressing = ANY (ARRAY['phone'::text, 'subscriber'::text]))),
  constraint sender_channel_check CHECK ((channel = ANY (ARRAY['sms'::text, 'viber'::text]))),
  constraint sender_max_in_flight_check CHECK ((max_in_flight > 0)),
  constraint sender_parts_per_second_check CHECK ((parts_per_second > (0)::double precision)),
  constraint sender_pkey PRIMARY KEY (key)
);
create table service_case (
  id bigint generated always as identity not null,
  invitation_id bigint not null,
  state text default 'open'::text not null,
  assignee text,
  opened_at timestamp with time zone not null,
  taken_at timestamp with time zone,
  closed_at timestamp with time zone,
  constraint service_case_check CHECK (((state = 'closed'::text) = (closed_at IS NOT NULL))),
  constraint service_case_check1 CHECK (((state <> 'taken'::text) OR ((assignee IS NOT NULL) AND (taken_at IS NOT NULL)))),
  constraint service_case_invitation_id_fkey FOREIGN KEY (invitation_id) REFERENCES invitation(id),
  constraint service_case_invitation_id_key UNIQUE (invitation_id),
  constraint service_case_pkey PRIMARY KEY (id),
  constraint service_case_state_check CHECK ((state = ANY (ARRAY['open'::text, 'taken'::text, 'closed'::text])))
);
CREATE INDEX service_case_standing ON public.service_case USING btree (id) WHERE (state <> 'closed'::text);
create table sign_in_failure (
  bucket bytea not null,
  failures integer not null,
  began_at timestamp with time zone not null,
  constraint sign_in_failure_pkey PRIMARY KEY (bucket)
);
CREATE INDEX sign_in_failure_began ON public.sign_in_failure USING btree (began_at);
create table suppression (
  id bigint generated always as identity not null,
  address_hash bytea not null,
  channel text,
  reason text not null,
  via text not null,
  created_at timestamp with time zone not null,
  lifted_at timestamp with time zone,
  constraint suppression_channel_check CHECK ((channel = ANY (ARRAY['sms'::text, 'viber'::text]))),
  constraint suppression_pkey PRIMARY KEY (id),
  constraint suppression_reason_check CHECK ((reason = ANY (ARRAY['stop'::text, 'unsubscribed'::text, 'carrier'::text, 'operator'::text, 'import'::text, 'wrong_number'::text])))
);
CREATE UNIQUE INDEX suppression_standing ON public.suppression USING btree (address_hash, COALESCE(channel, ''::text)) WHERE (lifted_at IS NULL);
create table text_approval (
  id bigint generated always as identity not null,
  sender text not null,
  text_hash bytea not null,
  state text not null,
  carrier_template_id text,
  updated_at timestamp with time zone not null,
  constraint text_approval_pkey PRIMARY KEY (id),
  constraint text_approval_sender_text_hash_key UNIQUE (sender, text_hash),
  constraint text_approval_state_check CHECK ((state = ANY (ARRAY['submitted'::text, 'approved'::text, 'rejected'::text])))
);
create table vault_key (
  purpose text not null,
  key_cipher bytea not null,
  key_id text not null,
  created_at timestamp with time zone not null,
  rotated_at timestamp with time zone,
  constraint vault_key_pkey PRIMARY KEY (purpose),
  constraint vault_key_purpose_check CHECK ((purpose = 'address_hash'::text))
);
create table viber_subscriber (
  id bigint generated always as identity not null,
  sender text not null,
  user_id text not null,
  contact_id bigint,
  linked_at timestamp with time zone,
  link_source text,
  language text,
  api_version integer,
  subscribed_at timestamp with time zone,
  unsubscribed_at timestamp with time zone,
  created_at timestamp with time zone not null,
  stopped_at timestamp with time zone,
  constraint viber_subscriber_check CHECK (((contact_id IS NULL) = (linked_at IS NULL))),
  constraint viber_subscriber_contact_id_fkey FOREIGN KEY (contact_id) REFERENCES contact(id),
  constraint viber_subscriber_link_source_check CHECK ((link_source = ANY (ARRAY['code'::text, 'shared_phone'::text]))),
  constraint viber_subscriber_pkey PRIMARY KEY (id),
  constraint viber_subscriber_sender_user_id_key UNIQUE (sender, user_id)
);
CREATE INDEX viber_subscriber_contact ON public.viber_subscriber USING btree (contact_id) WHERE (contact_id IS NOT NULL);
create table visit (
  id bigint generated always as identity not null,
  source text not null,
  visit_key text not null,
  centre_id bigint not null,
  service_code text,
  service_name text,
  desk text,
  employee text,
  outcome text not null,
  arrived_at timestamp with time zone,
  finished_at timestamp with time zone not null,
  finished_on date not null,
  contact_id bigint,
  phone_status text not null,
  consent text not null,
  language text,
  attributes jsonb default '{}'::jsonb not null,
  legs integer default 1 not null,
  revision integer default 1 not null,
  planning_due_at timestamp with time zone,
  created_at timestamp with time zone not null,
  constraint visit_centre_id_fkey FOREIGN KEY (centre_id) REFERENCES centre(id),
  constraint visit_check CHECK (((phone_status = 'ok'::text) = (contact_id IS NOT NULL))),
  constraint visit_consent_check CHECK ((consent = ANY (ARRAY['granted'::text, 'refused'::text, 'unknown'::text]))),
  constraint visit_contact_id_fkey FOREIGN KEY (contact_id) REFERENCES contact(id),
  constraint visit_outcome_check CHECK ((outcome = ANY (ARRAY['served'::text, 'left'::text, 'no_show'::text, 'redirected'::text]))),
  constraint visit_phone_status_check CHECK ((phone_status = ANY (ARRAY['ok'::text, 'missing'::text, 'bad'::text, 'not_mobile'::text]))),
  constraint visit_pkey PRIMARY KEY (id),
  constraint visit_source_visit_key_key UNIQUE (source, visit_key)
);
CREATE INDEX visit_contact ON public.visit USING btree (contact_id) WHERE (contact_id IS NOT NULL);
CREATE INDEX visit_finished_on ON public.visit USING btree (finished_on, centre_id);
CREATE INDEX visit_planning_due ON public.visit USING btree (planning_due_at, id) WHERE (planning_due_at IS NOT NULL);
CREATE TRIGGER rollup_deleted AFTER DELETE ON public.visit REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION rollup_mark_visit();
CREATE TRIGGER rollup_inserted AFTER INSERT ON public.visit REFERENCING NEW TABLE AS came FOR EACH STATEMENT EXECUTE FUNCTION rollup_mark_visit();
CREATE TRIGGER rollup_updated AFTER UPDATE ON public.visit REFERENCING OLD TABLE AS gone NEW TABLE AS came FOR EACH STATEMENT EXECUTE FUNCTION rollup_mark_visit();
create table visit_flag (
  visit_id bigint not null,
  flag text not null,
  sign text not null,
  noted_at timestamp with time zone not null,
  constraint visit_flag_flag_check CHECK ((flag = ANY (ARRAY['robots'::text, 'staff'::text]))),
  constraint visit_flag_pkey PRIMARY KEY (visit_id, flag),
  constraint visit_flag_sign_check CHECK ((sign = ANY (ARRAY['agent'::text, 'pace'::text, 'number'::text, 'burst'::text]))),
  constraint visit_flag_visit_id_fkey FOREIGN KEY (visit_id) REFERENCES visit(id) ON DELETE CASCADE
);
create table visit_flag_reach (
  one boolean default true not null,
  visit_id bigint not null,
  constraint visit_flag_reach_one_check CHECK (one),
  constraint visit_flag_reach_pkey PRIMARY KEY (one)
);
create table visit_record (
  id bigint generated always as identity not null,
  source text not null,
  record_id text not null,
  revision integer not null,
  current boolean not null,
  visit_id bigint not null,
  batch_id bigint not null,
  line bigint not null,
  content_hash bytea not null,
  centre_code text not null,
  service_code text,
  service_name text,
  desk text,
  employee text,
  ticket text,
  outcome text not null,
  arrived_at timestamp with time zone,
  called_at timestamp with time zone,
  finished_at timestamp with time zone not null,
  contact_id bigint,
  phone_status text not null,
  phone_raw_cipher bytea,
  consent text not null,
  language text,
  attributes jsonb default '{}'::jsonb not null,
  attached_only boolean default false not null,
  received_at timestamp with time zone not null,
  key_id text,
  constraint visit_record_batch_id_fkey FOREIGN KEY (batch_id) REFERENCES intake_batch(id),
  constraint visit_record_contact_id_fkey FOREIGN KEY (contact_id) REFERENCES contact(id),
  constraint visit_record_pkey PRIMARY KEY (id),
  constraint visit_record_source_record_id_revision_key UNIQUE (source, record_id, revision),
  constraint visit_record_visit_id_fkey FOREIGN KEY (visit_id) REFERENCES visit(id)
);
CREATE UNIQUE INDEX visit_record_current ON public.visit_record USING btree (source, record_id) WHERE current;
CREATE INDEX visit_record_typed ON public.visit_record USING btree (received_at) WHERE (phone_raw_cipher IS NOT NULL);
CREATE INDEX visit_record_visit ON public.visit_record USING btree (visit_id);
CREATE OR REPLACE FUNCTION public.audit_entry_stands()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  raise exception 'audit_entry only grows: % is refused', tg_op;
end $function$;
CREATE OR REPLACE FUNCTION reporting.disposition(facts integer)
 RETURNS text
 LANGUAGE sql
 IMMUTABLE
AS $function$
  select case
    when facts & 1 <> 0 then '4.10'
    when facts & 2 <> 0 then '1.1'
    when facts & 8 <> 0 and facts & 4 <> 0 then '1.2'
    when facts & 8 <> 0 then '2.12'
    when facts & 16 <> 0 then '2.111'
    when facts & 32 <> 0 then '3.90'
    when facts & 4096 <> 0 and facts & 192 <> 0 then '2.33'
    when facts & 64 <> 0 then '2.1121'
    when facts & 128 <> 0 then '2.1122'
    when facts & 256 <> 0 then '2.27'
    when facts & 1024 <> 0 or (facts & 512 <> 0 and facts & 2048 = 0) then '2.20'
    when facts & 2048 <> 0 then '3.30'
    else '3.11'
  end
$function$;
CREATE OR REPLACE FUNCTION public.rollup_mark_answer()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
declare
  known bigint[] := array(select c.invitation_id from changed c
    where c.invitation_id <= (select f.invitation_id from rollup_frontier f));
begin
  if cardinality(known) > 0 then
    insert into rollup_mark select distinct day from rollup_watched(known) day;
  end if;
  return null;
end $function$;
CREATE OR REPLACE FUNCTION public.rollup_mark_answer_change()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
declare
  known bigint[] := array(select c.invitation_id from came c
    join gone g on g.invitation_id = c.invitation_id and g.question_key = c.question_key
    where c.invitation_id <= (select f.invitation_id from rollup_frontier f)
      and (c.late <> g.late or c.survey_id <> g.survey_id
        or nullif(c.value, '""') is distinct from nullif(g.value, '""')
        or (c.text_cipher is null and c.value is distinct from '""') <> (g.text_cipher is null and g.value is distinct from '""')));
begin
  if cardinality(known) > 0 then
    insert into rollup_mark select distinct day from rollup_watched(known) day;
  end if;
  return null;
end $function$;
CREATE OR REPLACE FUNCTION public.rollup_mark_decision()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  if not exists (select from changed c where c.visit_id <= (select f.visit_id from rollup_frontier f)) then
    return null;
  end if;
  insert into rollup_mark select distinct v.finished_on from rollup_frontier f, changed c
  cross join lateral (select * from visit where id = c.visit_id offset 0) v
  where c.visit_id <= f.visit_id and v.finished_on <= f.finished_on;
  return null;
end $function$;
CREATE OR REPLACE FUNCTION public.rollup_mark_invitation()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  if not exists (select from gone g where g.expires_at <= (select f.expired_at from rollup_frontier f)) then
    return null;
  end if;
  insert into rollup_mark select distinct v.finished_on from rollup_frontier f, gone g
  join came c on c.id = g.id
  cross join lateral (select * from visit where id = g.visit_id and g.expires_at <= f.expired_at offset 0) v
  where g.expires_at <= f.expired_at and v.finished_on <= f.finished_on
    and (c.expires_at <> g.expires_at
      or to_jsonb(c) - '{seen_at,opened_at,contact_id,code}'::text[] <> to_jsonb(g) - '{seen_at,opened_at,contact_id,code}'::text[]
      or coalesce(c.seen_at <= c.expires_at, false) <> coalesce(g.seen_at <= g.expires_at, false)
      or coalesce(c.opened_at <= c.expires_at, false) <> coalesce(g.opened_at <= g.expires_at, false));
  return null;
end $function$;
CREATE OR REPLACE FUNCTION public.rollup_mark_message()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
declare
  known bigint[] := array(select c.invitation_id from changed c
    where c.accepted_at is not null and c.invitation_id <= (select f.invitation_id from rollup_frontier f));
begin
  if cardinality(known) > 0 then
    insert into rollup_mark select distinct day from rollup_watched(known) day;
  end if;
  return null;
end $function$;
CREATE OR REPLACE FUNCTION public.rollup_mark_visit()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
declare
  watched date := (select f.finished_on from rollup_frontier f);
begin
  if tg_op <> 'DELETE' then
    insert into rollup_mark select distinct c.finished_on from came c where c.finished_on <= watched;
  end if;
  if tg_op <> 'INSERT' then
    insert into rollup_mark select distinct g.finished_on from gone g where g.finished_on <= watched;
  end if;
  return null;
end $function$;
CREATE OR REPLACE FUNCTION public.rollup_watched(invitations bigint[])
 RETURNS SETOF date
 LANGUAGE sql
 STABLE
AS $function$
  select v.finished_on from rollup_frontier f, unnest(invitations) as c (id)
  cross join lateral (select * from invitation where id = c.id offset 0) i
  cross join lateral (select * from visit where id = i.visit_id and i.expires_at <= f.expired_at offset 0) v
  where v.finished_on <= f.finished_on
$function$;
create view reporting.answer as
 SELECT a.invitation_id,
    s.key AS survey,
    s.revision AS survey_revision,
    a.question_key AS question,
    a.value,
    (a.text_cipher IS NOT NULL) AS has_text,
    a.via,
    a.late,
    a.answered_at
   FROM (answer a
     JOIN definition s ON ((s.id = a.survey_id)));
create view reporting.centre as
 SELECT code AS centre,
    name,
    timezone,
    region,
    city,
    latitude,
    longitude,
    confirmed
   FROM centre;
create view reporting.disposition_code as
 SELECT code,
    letter,
    meaning
   FROM ( VALUES ('1.1'::text,'I'::text,'all questions answered'::text), ('1.2'::text,'P'::text,'at least half of the questions asked of everyone and not optional'::text), ('2.111'::text,'R'::text,'STOP, "no", or the sender blocked'::text), ('2.1121'::text,'R'::text,'opened, no answer'::text), ('2.1122'::text,'R'::text,'read receipt, not opened'::text), ('2.12'::text,'R'::text,'fewer answers than a partial'::text), ('2.20'::text,'NC'::text,'delivered, or sent without any receipt'::text), ('2.27'::text,'NC'::text,'answered after the deadline'::text), ('2.33'::text,'O'::text,'read or opened, in a language that is not the visitor''s'::text), ('3.11'::text,'UH'::text,'chosen, never sent'::text), ('3.30'::text,'UO'::text,'undelivered on every channel'::text), ('3.90'::text,'UO'::text,'wrong number'::text), ('4.10'::text,'NE'::text,'does not belong to the sample'::text)) codes(code, letter, meaning);
create view reporting.invitation as
 SELECT i.id AS invitation_id,
    i.visit_id,
    v.finished_on AS day,
    c.code AS centre,
    v.service_code AS service,
    k.key AS campaign,
    COALESCE(i.sent_channel, d.channel) AS channel,
    i.variant,
    i.locale AS language,
    s.key AS survey,
    s.revision AS survey_revision,
    i.legal_basis,
    i.planned_at,
    i.expires_at,
    i.cancelled_at,
    i.cancel_reason,
    i.sent_at,
    i.delivered_at,
    i.undelivered_at,
    i.seen_at,
    i.opened_at,
    i.started_at,
    i.completed_at,
    i.completed_via,
    i.refused_at,
    i.wrong_number_at,
    i.ineligible_at,
    o.code AS disposition,
    o.letter
   FROM (((((((invitation i
     JOIN decision d ON (((d.visit_id = i.visit_id) AND (d.decision = 'invited'::text))))
     JOIN visit v ON ((v.id = i.visit_id)))
     JOIN centre c ON ((c.id = v.centre_id)))
     JOIN definition k ON ((k.id = d.campaign_id)))
     JOIN definition s ON ((s.id = i.survey_id)))
     JOIN invitation_facts f ON ((f.invitation_id = i.id)))
     JOIN reporting.disposition_code o ON ((o.code = reporting.disposition(f.facts))));
create view invitation_facts as
 SELECT i.id AS invitation_id,
    ((((((((((((((i.ineligible_at IS NOT NULL))::integer + (2 * (COALESCE((i.completed_at <= i.expires_at), false))::integer)) + (4 * (
        CASE
            WHEN ((i.started_at IS NOT NULL) AND (i.completed_at IS NULL)) THEN ( SELECT ((2 * count(a.question_key)) >= count(*))
               FROM ((definition s
                 CROSS JOIN LATERAL jsonb_array_elements((s.content -> 'questions'::text)) q(value))
                 LEFT JOIN answer a ON (((a.invitation_id = i.id) AND (a.question_key = (q.value ->> 'key'::text)) AND (NOT a.late))))
              WHERE ((s.id = i.survey_id) AND ((q.value -> 'when'::text) IS NULL) AND (COALESCE((q.value ->> 'optional'::text), 'false'::text) <> 'true'::text)))
            ELSE false
        END)::integer)) + (8 * (COALESCE((i.started_at <= i.expires_at), false))::integer)) + (16 * (COALESCE((i.refused_at <= i.expires_at), false))::integer)) + (32 * ((i.wrong_number_at IS NOT NULL))::integer)) + (64 * (COALESCE((i.opened_at <= i.expires_at), false))::integer)) + (128 * (COALESCE((i.seen_at <= i.expires_at), false))::integer)) + (256 * (COALESCE((i.completed_at > i.expires_at), false))::integer)) + (512 * ((i.sent_at IS NOT NULL))::integer)) + (1024 * ((i.delivered_at IS NOT NULL))::integer)) + (2048 * ((i.undelivered_at IS NOT NULL))::integer)) + (4096 * (COALESCE((lower("left"(v.language, 2)) <> i.locale), false))::integer)) AS facts
   FROM (invitation i
     JOIN visit v ON ((v.id = i.visit_id)));
create view reporting.message as
 SELECT id AS message_id,
    invitation_id,
    kind,
    channel,
    sender,
    locale AS language,
    state,
    ordinal,
    attempt AS attempts,
    parts,
    reason,
    vendor_code,
    created_at,
    due_at,
    accepted_at,
    settled_at
   FROM message m;
create view reporting.path_by_day as
 WITH kept AS (
         SELECT d.finished_on
           FROM rollup_day d
          WHERE ((d.counted_at IS NOT NULL) AND (d.rule = 2) AND (NOT (EXISTS ( SELECT
                   FROM rollup_mark m
                  WHERE (m.finished_on = d.finished_on)))))
        ), counted AS (
         SELECT r.first_day AS day,
            r.centre_id,
            f.service_code,
            s.campaign_id,
            s.channel,
            s.variant,
            s.language,
            w.decision,
            w.reason,
            w.facts,
            u.visits
           FROM ((((rollup_path r
             CROSS JOIN LATERAL UNNEST(r.ways, r.visits) u(way, visits))
             JOIN rollup_service f ON ((f.id = (u.way / '68719476736'::bigint))))
             JOIN rollup_slice s ON ((s.id = ((u.way / 262144) % (262144)::bigint))))
             JOIN rollup_path_way w ON ((w.id = (u.way % (262144)::bigint))))
          WHERE ((r.grain = 'd'::"char") AND (r.kept = 63) AND (r.first_day IN ( SELECT kept.finished_on
                   FROM kept)))
        UNION ALL
         SELECT young.finished_on,
            young.centre_id,
            young.service_code,
            young.campaign_id,
            young."coalesce",
            young.variant,
            young.coalesce_1 AS "coalesce",
            young.decision,
            young.reason,
            young.coalesce_2 AS "coalesce",
            young.count
           FROM (( SELECT (day.day)::date AS day
                   FROM generate_series((( SELECT min(visit.finished_on) AS min
                           FROM visit))::timestamp without time zone, (( SELECT max(visit.finished_on) AS max
                           FROM visit))::timestamp without time zone, '1 day'::interval) day(day)) days
             CROSS JOIN LATERAL ( SELECT v.finished_on,
                    v.centre_id,
                    v.service_code,
                    d.campaign_id,
                    COALESCE(i.sent_channel, d.channel) AS "coalesce",
                    i.variant,
                    COALESCE(i.locale, v.language) AS "coalesce",
                    d.decision,
                    d.reason,
                    COALESCE(f.facts, 0) AS "coalesce",
                    count(*) AS count
                   FROM (((visit v
                     LEFT JOIN decision d ON ((d.visit_id = v.id)))
                     LEFT JOIN invitation i ON (((i.visit_id = v.id) AND (d.decision = 'invited'::text))))
                     LEFT JOIN invitation_facts f ON ((f.invitation_id = i.id)))
                  WHERE (v.finished_on = days.day)
                  GROUP BY v.finished_on, v.centre_id, v.service_code, d.campaign_id, COALESCE(i.sent_channel, d.channel), i.variant, COALESCE(i.locale, v.language), d.decision, d.reason, COALESCE(f.facts, 0)) young(finished_on, centre_id, service_code, campaign_id, "coalesce", variant, coalesce_1, decision, reason, coalesce_2, count))
          WHERE (NOT (days.day IN ( SELECT kept.finished_on
                   FROM kept)))
        )
 SELECT p.day,
    c.code AS centre,
    p.service_code AS service,
    k.key AS campaign,
    p.channel,
    p.variant,
    p.language,
    p.decision,
    p.reason,
    o.code AS disposition,
    o.letter,
    (sum(p.visits))::bigint AS visits
   FROM (((counted p
     JOIN centre c ON ((c.id = p.centre_id)))
     LEFT JOIN definition k ON ((k.id = p.campaign_id)))
     LEFT JOIN reporting.disposition_code o ON (((p.decision = 'invited'::text) AND (o.code = reporting.disposition(p.facts)))))
  GROUP BY p.day, c.code, p.service_code, k.key, p.channel, p.variant, p.language, p.decision, p.reason, o.code, o.letter;
create view reporting.visit as
 SELECT v.id AS visit_id,
    v.finished_on AS day,
    c.code AS centre,
    v.service_code AS service,
    v.service_name,
    v.desk,
    v.employee,
    v.outcome,
    v.arrived_at,
    v.finished_at,
    v.phone_status,
    v.consent,
    v.language,
    v.legs,
    v.source,
    d.decision,
    d.reason,
    k.key AS campaign,
    d.planned_at,
    d.decided_at
   FROM (((visit v
     JOIN centre c ON ((c.id = v.centre_id)))
     LEFT JOIN decision d ON ((d.visit_id = v.id)))
     LEFT JOIN definition k ON ((k.id = d.campaign_id)));
create view reporting.visit_flag as
 SELECT visit_id,
    flag,
    sign,
    noted_at
   FROM visit_flag;

-- What analysts' own tools (Metabase, Superset, Grafana, psql) may read: views without numbers, ciphertext, keyed hashes,
-- links or free text. docs/for-analysts.md has a query for each figure.
create schema reporting;
comment on schema reporting is 'Read-only views for analysts: no phone number, no hash of one, no link, no free text';

-- The facts of an invitation as one number: the bits of libs/reporting/disposition.ts, in its order; a test holds them
-- together. A view and not a function, since functions read tables with the rights of who asks. Nobody else may read it.
create view public.invitation_facts as
  select i.id as invitation_id,
    (i.ineligible_at is not null)::int
    + 2 * coalesce(i.completed_at <= i.expires_at, false)::int
    + 4 * (case when i.started_at is not null and i.completed_at is null then (
        select 2 * count(a.question_key) >= count(*)
        from public.definition s
        cross join lateral jsonb_array_elements(s.content -> 'questions') q
        left join public.answer a on a.invitation_id = i.id and a.question_key = q ->> 'key' and not a.late
        where s.id = i.survey_id and q -> 'when' is null and coalesce(q ->> 'optional', 'false') <> 'true'
      ) else false end)::int
    + 8 * coalesce(i.started_at <= i.expires_at, false)::int
    + 16 * coalesce(i.refused_at <= i.expires_at, false)::int
    + 32 * (i.wrong_number_at is not null)::int
    + 64 * coalesce(i.opened_at <= i.expires_at, false)::int
    + 128 * coalesce(i.seen_at <= i.expires_at, false)::int
    + 256 * coalesce(i.completed_at > i.expires_at, false)::int
    + 512 * (i.sent_at is not null)::int
    + 1024 * (i.delivered_at is not null)::int
    + 2048 * (i.undelivered_at is not null)::int
    + 4096 * coalesce(lower(left(v.language, 2)) <> i.locale, false)::int as facts
  from public.invitation i
  join public.visit v on v.id = i.visit_id;

-- vidhuk-disposition/2: the first that applies.
create function reporting.disposition(facts integer) returns text language sql immutable as $$
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
$$;

create view reporting.disposition_code as
  select code, letter, meaning from (values
    ('1.1', 'I', 'all questions answered'),
    ('1.2', 'P', 'at least half of the questions asked of everyone and not optional'),
    ('2.111', 'R', 'STOP, "no", or the sender blocked'),
    ('2.1121', 'R', 'opened, no answer'),
    ('2.1122', 'R', 'read receipt, not opened'),
    ('2.12', 'R', 'fewer answers than a partial'),
    ('2.20', 'NC', 'delivered, or sent without any receipt'),
    ('2.27', 'NC', 'answered after the deadline'),
    ('2.33', 'O', 'read or opened, in a language that is not the visitor''s'),
    ('3.11', 'UH', 'chosen, never sent'),
    ('3.30', 'UO', 'undelivered on every channel'),
    ('3.90', 'UO', 'wrong number'),
    ('4.10', 'NE', 'does not belong to the sample')) as codes (code, letter, meaning);

create view reporting.centre as
  select code as centre, name, timezone, region, city, latitude, longitude, confirmed from public.centre;

create view reporting.visit as
  select v.id as visit_id, v.finished_on as day, c.code as centre, v.service_code as service, v.service_name, v.desk,
         v.employee, v.outcome, v.arrived_at, v.finished_at, v.phone_status, v.consent, v.language, v.legs, v.source,
         d.decision, d.reason, k.key as campaign, d.planned_at, d.decided_at
  from public.visit v
  join public.centre c on c.id = v.centre_id
  left join public.decision d on d.visit_id = v.id
  left join public.definition k on k.id = d.campaign_id;

create view reporting.invitation as
  select i.id as invitation_id, i.visit_id, v.finished_on as day, c.code as centre, v.service_code as service,
         k.key as campaign, coalesce(i.sent_channel, d.channel) as channel, i.variant, i.locale as language,
         s.key as survey, s.revision as survey_revision, i.legal_basis, i.planned_at, i.expires_at, i.cancelled_at,
         i.cancel_reason, i.sent_at, i.delivered_at, i.undelivered_at, i.seen_at, i.opened_at, i.started_at,
         i.completed_at, i.completed_via, i.refused_at, i.wrong_number_at, i.ineligible_at, o.code as disposition,
         o.letter
  from public.invitation i
  join public.decision d on d.visit_id = i.visit_id and d.decision = 'invited'
  join public.visit v on v.id = i.visit_id
  join public.centre c on c.id = v.centre_id
  join public.definition k on k.id = d.campaign_id
  join public.definition s on s.id = i.survey_id
  join public.invitation_facts f on f.invitation_id = i.id
  join reporting.disposition_code o on o.code = reporting.disposition(f.facts);

create view reporting.message as
  select m.id as message_id, m.invitation_id, m.kind, m.channel, m.sender, m.locale as language, m.state, m.ordinal,
         m.attempt as attempts, m.parts, m.reason, m.vendor_code, m.created_at, m.due_at, m.accepted_at, m.settled_at
  from public.message m;

create view reporting.answer as
  select a.invitation_id, s.key as survey, s.revision as survey_revision, a.question_key as question, a.value,
         a.text_cipher is not null as has_text, a.via, a.late, a.answered_at
  from public.answer a
  join public.definition s on s.id = a.survey_id;

-- Closed days from the roll-up, the others counted from the tables: the same figures, without reading all visits.
create view reporting.path_by_day as
  with kept as (
    select d.finished_on from public.rollup_day d
    where d.counted_at is not null and d.rule = 1
      and not exists (select from public.rollup_mark m where m.finished_on = d.finished_on)
  ), counted as (
    select r.first_day as day, r.centre_id, r.service_code, r.campaign_id, r.channel, r.variant, r.language, r.decision,
           r.reason, r.facts, r.visits
    from public.rollup_path r
    where r.grain = 'd' and r.kept = 63 and r.first_day in (select finished_on from kept)
    union all
    select young.* from (
      select day::date as day from generate_series((select min(finished_on) from public.visit)::timestamp,
        (select max(finished_on) from public.visit)::timestamp, '1 day') as day
    ) days
    cross join lateral (
      select v.finished_on, v.centre_id, v.service_code, d.campaign_id, coalesce(i.sent_channel, d.channel), i.variant,
             coalesce(i.locale, v.language), d.decision, d.reason,
             coalesce(f.facts, 0), count(*)
      from public.visit v
      left join public.decision d on d.visit_id = v.id
      left join public.invitation i on i.visit_id = v.id and d.decision = 'invited'
      left join public.invitation_facts f on f.invitation_id = i.id
      where v.finished_on = days.day
      group by 1, 2, 3, 4, 5, 6, 7, 8, 9, 10
    ) young
    where days.day not in (select finished_on from kept)
  )
  select p.day, c.code as centre, p.service_code as service, k.key as campaign, p.channel, p.variant, p.language,
         p.decision, p.reason, o.code as disposition, o.letter, sum(p.visits)::bigint as visits
  from counted p
  join public.centre c on c.id = p.centre_id
  left join public.definition k on k.id = p.campaign_id
  left join reporting.disposition_code o on p.decision = 'invited' and o.code = reporting.disposition(p.facts)
  group by 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11;

comment on view reporting.disposition_code is 'AAPOR final codes with their letters, rule vidhuk-disposition/2';
comment on column reporting.disposition_code.code is 'final code for internet surveys of named persons';
comment on column reporting.disposition_code.letter is 'I, P, R, NC, O, UH, UO or NE: what the outcome rates are made of';
comment on column reporting.disposition_code.meaning is 'the first of these that applies, in words';

comment on view reporting.centre is 'Service centres';
comment on column reporting.centre.centre is 'code of the centre, as in reports';
comment on column reporting.centre.name is 'its name';
comment on column reporting.centre.timezone is 'IANA zone its days are counted in';
comment on column reporting.centre.region is 'region';
comment on column reporting.centre.city is 'city';
comment on column reporting.centre.latitude is 'degrees';
comment on column reporting.centre.longitude is 'degrees';
comment on column reporting.centre.confirmed is 'false: made from a code in the visits, not from a list of centres';

comment on view reporting.visit is 'Visits, legs of one counted once, each with its one decision';
comment on column reporting.visit.visit_id is 'number of the visit, here only';
comment on column reporting.visit.day is 'day it finished in the zone of its centre: what reports count by';
comment on column reporting.visit.centre is 'code of the centre of the longest leg';
comment on column reporting.visit.service is 'code of the service; null: unknown';
comment on column reporting.visit.service_name is 'name of the service as the queue system had it';
comment on column reporting.visit.desk is 'desk of the longest leg';
comment on column reporting.visit.employee is 'employee of the longest leg, as the queue system names them';
comment on column reporting.visit.outcome is 'served, left, no_show or redirected';
comment on column reporting.visit.arrived_at is 'arrival, if known';
comment on column reporting.visit.finished_at is 'end of the latest leg';
comment on column reporting.visit.phone_status is 'ok, missing, bad or not_mobile; the number itself is nowhere in this schema';
comment on column reporting.visit.consent is 'granted, refused or unknown';
comment on column reporting.visit.language is 'language recorded at the visit';
comment on column reporting.visit.legs is 'records that make up the visit';
comment on column reporting.visit.source is 'key of the feed it came from';
comment on column reporting.visit.decision is 'invited, control or not_invited; null: not decided yet';
comment on column reporting.visit.reason is 'why not invited, the first that applied; null otherwise';
comment on column reporting.visit.campaign is 'key of the campaign that took the visit';
comment on column reporting.visit.planned_at is 'when the message was planned to leave; null unless invited';
comment on column reporting.visit.decided_at is 'when it was decided';

comment on view reporting.invitation is 'Invited visits with what happened and the one final disposition';
comment on column reporting.invitation.invitation_id is 'number of the invitation, here only; joins messages and answers';
comment on column reporting.invitation.visit_id is 'number of its visit';
comment on column reporting.invitation.day is 'day the visit finished in the zone of its centre';
comment on column reporting.invitation.centre is 'code of the centre';
comment on column reporting.invitation.service is 'code of the service';
comment on column reporting.invitation.campaign is 'key of the campaign';
comment on column reporting.invitation.channel is 'sms or viber: the one it went out by, else the planned one';
comment on column reporting.invitation.variant is 'key of the wording, for comparing wordings';
comment on column reporting.invitation.language is 'language it was written in';
comment on column reporting.invitation.survey is 'key of the survey';
comment on column reporting.invitation.survey_revision is 'revision of the survey: figures of different questions are not one line';
comment on column reporting.invitation.legal_basis is 'public_task or consent';
comment on column reporting.invitation.planned_at is 'when the first message was planned to leave';
comment on column reporting.invitation.expires_at is 'from then on answers are late; earlier figures of it are provisional';
comment on column reporting.invitation.cancelled_at is 'when it was taken back';
comment on column reporting.invitation.cancel_reason is 'why it was taken back';
comment on column reporting.invitation.sent_at is 'a carrier accepted the invite';
comment on column reporting.invitation.delivered_at is 'first delivery receipt';
comment on column reporting.invitation.undelivered_at is 'every channel failed';
comment on column reporting.invitation.seen_at is 'first read receipt (Viber)';
comment on column reporting.invitation.opened_at is 'a person acted on the survey page; a fetched link is no opening';
comment on column reporting.invitation.started_at is 'first answer';
comment on column reporting.invitation.completed_at is 'nothing was left to ask';
comment on column reporting.invitation.completed_via is 'page, sms or viber';
comment on column reporting.invitation.refused_at is 'STOP, "no", or the sender blocked';
comment on column reporting.invitation.wrong_number_at is '"wrong number" was said';
comment on column reporting.invitation.ineligible_at is '"I was not there" was said: not part of the sample';
comment on column reporting.invitation.disposition is 'final code, see disposition_code';
comment on column reporting.invitation.letter is 'letter of the code';

comment on view reporting.message is 'Messages of any kind, without their text';
comment on column reporting.message.message_id is 'number of the message, here only';
comment on column reporting.message.invitation_id is 'its invitation; null: an answer to somebody without one';
comment on column reporting.message.kind is 'invite, reminder, question, thanks, reask or notice';
comment on column reporting.message.channel is 'sms or viber';
comment on column reporting.message.sender is 'key of the sender';
comment on column reporting.message.language is 'language it is written in';
comment on column reporting.message.state is 'see docs/states.md';
comment on column reporting.message.ordinal is 'which of its kind: 2 is the second reminder';
comment on column reporting.message.attempts is 'attempts to send it';
comment on column reporting.message.parts is 'SMS parts; null: nobody counted';
comment on column reporting.message.reason is 'why it failed or was cancelled';
comment on column reporting.message.vendor_code is 'code the carrier gave';
comment on column reporting.message.created_at is 'written into the outbox';
comment on column reporting.message.due_at is 'when it is due';
comment on column reporting.message.accepted_at is 'a carrier accepted it: it costs';
comment on column reporting.message.settled_at is 'its state became final';

comment on view reporting.answer is 'Answers by question. Free texts are encrypted and not here: the export has them, masked';
comment on column reporting.answer.invitation_id is 'its invitation';
comment on column reporting.answer.survey is 'key of the survey';
comment on column reporting.answer.survey_revision is 'revision of the survey that was asked';
comment on column reporting.answer.question is 'key of the question';
comment on column reporting.answer.value is 'mark, true or false, key of the choice, or list of keys; null: free text or skipped';
comment on column reporting.answer.has_text is 'a free text was written';
comment on column reporting.answer.via is 'page, sms or viber';
comment on column reporting.answer.late is 'came after the link expired; not in any score';
comment on column reporting.answer.answered_at is 'when it was last changed';

comment on view reporting.path_by_day is 'Visits by day, dimensions, decision and disposition: what outcome rates, ledger and coverage are made of';
comment on column reporting.path_by_day.day is 'day the visits finished in the zones of their centres';
comment on column reporting.path_by_day.centre is 'code of the centre';
comment on column reporting.path_by_day.service is 'code of the service';
comment on column reporting.path_by_day.campaign is 'key of the campaign; null: none';
comment on column reporting.path_by_day.channel is 'sms or viber; null: not invited';
comment on column reporting.path_by_day.variant is 'key of the wording; null: not invited';
comment on column reporting.path_by_day.language is 'of the invitation, else of the visit';
comment on column reporting.path_by_day.decision is 'invited, control or not_invited; null: not decided yet';
comment on column reporting.path_by_day.reason is 'why not invited';
comment on column reporting.path_by_day.disposition is 'final code of invited visits; null: not invited';
comment on column reporting.path_by_day.letter is 'letter of the code';
comment on column reporting.path_by_day.visits is 'how many visits';

-- The group role of analysts. Where this account may not create roles, "vidhuk doctor" says what to run.
do $$
begin
  if not exists (select from pg_roles where rolname = 'vidhuk_analyst') then
    create role vidhuk_analyst nologin;
  end if;
exception when insufficient_privilege or duplicate_object or unique_violation then null;
end $$;
do $$
begin
  if exists (select from pg_roles where rolname = 'vidhuk_analyst') then
    grant usage on schema reporting to vidhuk_analyst;
    grant select on all tables in schema reporting to vidhuk_analyst;
  end if;
end $$;

update rollup_day set counted_at = null, quiet_from = null, look_at = null, open_until = null;
delete from rollup_month;
delete from rollup_mark;
alter table rollup_frontier drop visit_id, drop invitation_id;
alter table rollup_path rename to rollup_path_before;
drop index rollup_path_first_day;
drop table rollup_answer, rollup_message;

-- grain d or m: first_day is the day, or the first day of the month. kept: which of the dimensions the row keeps, one
-- bit each (1 centre, 2 service, 4 campaign, 8 channel, 16 variant, 32 language); the others are null.
create table rollup_path (
  grain "char" not null,
  kept smallint not null,
  first_day date not null,
  centre_id bigint, service_code text, campaign_id bigint, channel text, variant text, language text,
  decision text, reason text,
  facts smallint not null,                    -- bits of an invitation's facts
  visits integer not null
);
create index rollup_path_first_day on rollup_path (grain, kept, first_day);

-- Answers in time by question and value; question_key null: invited visits by survey, answered or not.
create table rollup_answer (
  grain "char" not null,
  kept smallint not null,
  first_day date not null,
  centre_id bigint, service_code text, campaign_id bigint, channel text, variant text, language text,
  survey_id bigint not null, question_key text, value jsonb,
  answers integer not null
);
create index rollup_answer_first_day on rollup_answer (grain, kept, first_day);

-- Messages that carriers accepted.
create table rollup_message (
  grain "char" not null,
  kept smallint not null,
  first_day date not null,
  centre_id bigint, service_code text, campaign_id bigint, channel text, variant text, language text,
  sent_by text not null, kind text not null,
  messages integer not null, parts integer not null, uncounted integer not null
);
create index rollup_message_first_day on rollup_message (grain, kept, first_day);


-- Closed days from the roll-up, the others counted from the tables: the same figures, without reading all visits.
create or replace view reporting.path_by_day as
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

drop table rollup_path_before, rollup_service, rollup_slice, rollup_path_way, rollup_answer_way, rollup_message_way;

create or replace function rollup_mark_visit() returns trigger language plpgsql as $$
begin
  if tg_op <> 'DELETE' then
    insert into rollup_mark select distinct c.finished_on from came c
    where c.finished_on <= (select f.finished_on from rollup_frontier f);
  end if;
  if tg_op <> 'INSERT' then
    insert into rollup_mark select distinct g.finished_on from gone g
    where g.finished_on <= (select f.finished_on from rollup_frontier f);
  end if;
  return null;
end $$;
create or replace function rollup_mark_decision() returns trigger language plpgsql as $$
begin
  insert into rollup_mark select distinct v.finished_on from changed c join visit v on v.id = c.visit_id
  where v.finished_on <= (select f.finished_on from rollup_frontier f);
  return null;
end $$;
create or replace function rollup_mark_invitation() returns trigger language plpgsql as $$
begin
  insert into rollup_mark select distinct v.finished_on from gone g
  join came c on c.id = g.id
  join visit v on v.id = g.visit_id
  where g.expires_at <= (select f.expired_at from rollup_frontier f)
    and v.finished_on <= (select f.finished_on from rollup_frontier f)
    and (c.expires_at <> g.expires_at
      or to_jsonb(c) - '{seen_at,opened_at,contact_id,code}'::text[] <> to_jsonb(g) - '{seen_at,opened_at,contact_id,code}'::text[]
      or coalesce(c.seen_at <= c.expires_at, false) <> coalesce(g.seen_at <= g.expires_at, false)
      or coalesce(c.opened_at <= c.expires_at, false) <> coalesce(g.opened_at <= g.expires_at, false));
  return null;
end $$;
create or replace function rollup_mark_answer() returns trigger language plpgsql as $$
begin
  insert into rollup_mark select distinct v.finished_on from changed c
  join invitation i on i.id = c.invitation_id and i.expires_at <= (select f.expired_at from rollup_frontier f)
  join visit v on v.id = i.visit_id
  where v.finished_on <= (select f.finished_on from rollup_frontier f);
  return null;
end $$;
create or replace function rollup_mark_answer_change() returns trigger language plpgsql as $$
begin
  insert into rollup_mark select distinct v.finished_on from came c
  join gone g on g.invitation_id = c.invitation_id and g.question_key = c.question_key
  join invitation i on i.id = c.invitation_id and i.expires_at <= (select f.expired_at from rollup_frontier f)
  join visit v on v.id = i.visit_id
  where v.finished_on <= (select f.finished_on from rollup_frontier f)
    and (c.late <> g.late or c.survey_id <> g.survey_id
      or nullif(c.value, '""') is distinct from nullif(g.value, '""')
      or (c.text_cipher is null and c.value is distinct from '""') <> (g.text_cipher is null and g.value is distinct from '""'));
  return null;
end $$;
create or replace function rollup_mark_message() returns trigger language plpgsql as $$
begin
  insert into rollup_mark select distinct v.finished_on from changed c
  join invitation i on i.id = c.invitation_id and i.expires_at <= (select f.expired_at from rollup_frontier f)
  join visit v on v.id = i.visit_id
  where c.accepted_at is not null and v.finished_on <= (select f.finished_on from rollup_frontier f);
  return null;
end $$;
drop function rollup_watched(bigint[]);

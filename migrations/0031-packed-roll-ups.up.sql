-- Roll-ups in fewer rows, and triggers that tell by numbers of the changed rows alone that a day is not watched.
-- docs/roll-ups.md says how both work.

-- Everything is counted anew: from before the first look, since the frontier says more than it did.
update rollup_day set counted_at = null, quiet_from = null, look_at = null, open_until = null;
delete from rollup_month;
delete from rollup_mark;

-- No visit or invitation of a kept day has a higher number.
alter table rollup_frontier add visit_id bigint not null default 0, add invitation_id bigint not null default 0;

alter table rollup_path rename to rollup_path_before;
drop index rollup_path_first_day;
drop table rollup_answer, rollup_message;

-- What the numbers in a row's arrays are made of: 2^36 times the number of the service, 2^18 times that of the slice, and
-- that of the way; 0 where `kept` does not tell them apart. A number fits a number of JavaScript, so each has its limit.
-- One text stands for null while numbers are looked up.
create table rollup_service (
  id integer generated always as identity (maxvalue 131071) primary key,
  service_code text check (service_code <> E'\x01'),
  unique nulls not distinct (service_code)
);
create table rollup_slice (
  id integer generated always as identity (maxvalue 262143) primary key,
  campaign_id bigint, channel text,
  variant text check (variant <> E'\x01'),
  language text check (language <> E'\x01'),
  unique nulls not distinct (campaign_id, channel, variant, language)
);
create table rollup_path_way (
  id integer generated always as identity (maxvalue 262143) primary key,
  decision text, reason text,
  facts smallint not null,                    -- bits of an invitation's facts
  unique nulls not distinct (decision, reason, facts)
);
-- question_key null: invited visits by survey, answered or not.
create table rollup_answer_way (
  id integer generated always as identity (maxvalue 262143) primary key,
  survey_id bigint not null, question_key text, value jsonb,
  unique nulls not distinct (survey_id, question_key, value)
);
create table rollup_message_way (
  id integer generated always as identity (maxvalue 262143) primary key,
  sent_by text not null, kind text not null,
  unique (sent_by, kind)
);

-- grain d or m: first_day is the day, or the first day of the month. kept: which of the dimensions the row tells apart,
-- one bit each (1 centre, 2 service, 4 campaign, 8 channel, 16 variant, 32 language). The arrays are equally long.
create table rollup_path (
  grain "char" not null,
  kept smallint not null,
  first_day date not null,
  centre_id bigint,
  ways bigint[] not null,
  visits integer[] not null
);
create index rollup_path_first_day on rollup_path (grain, kept, first_day);

-- Answers in time by question and value.
create table rollup_answer (
  grain "char" not null,
  kept smallint not null,
  first_day date not null,
  centre_id bigint,
  ways bigint[] not null,
  answers integer[] not null
);
create index rollup_answer_first_day on rollup_answer (grain, kept, first_day);

-- Messages that carriers accepted.
create table rollup_message (
  grain "char" not null,
  kept smallint not null,
  first_day date not null,
  centre_id bigint,
  ways bigint[] not null,
  messages integer[] not null, parts integer[] not null, uncounted integer[] not null
);
create index rollup_message_first_day on rollup_message (grain, kept, first_day);

-- Closed days from the roll-up, the others counted from the tables: the same figures, without reading all visits.
create or replace view reporting.path_by_day as
  with kept as (
    select d.finished_on from public.rollup_day d
    where d.counted_at is not null and d.rule = 2
      and not exists (select from public.rollup_mark m where m.finished_on = d.finished_on)
  ), counted as (
    select r.first_day as day, r.centre_id, f.service_code, s.campaign_id, s.channel, s.variant, s.language, w.decision,
           w.reason, w.facts, u.visits
    from public.rollup_path r
    cross join unnest(r.ways, r.visits) as u (way, visits)
    join public.rollup_service f on f.id = u.way / 68719476736
    join public.rollup_slice s on s.id = u.way / 262144 % 262144
    join public.rollup_path_way w on w.id = u.way % 262144
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

drop table rollup_path_before;

-- ---------------------------------------------------------------- marks
-- Each begins with a test that reads the changed rows only and nearly always ends it. What follows looks rows up one by
-- one, whatever the planner thinks of the size of the tables.

create or replace function rollup_mark_visit() returns trigger language plpgsql as $$
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
end $$;

create or replace function rollup_mark_decision() returns trigger language plpgsql as $$
begin
  if not exists (select from changed c where c.visit_id <= (select f.visit_id from rollup_frontier f)) then
    return null;
  end if;
  insert into rollup_mark select distinct v.finished_on from rollup_frontier f, changed c
  cross join lateral (select * from visit where id = c.visit_id offset 0) v
  where c.visit_id <= f.visit_id and v.finished_on <= f.finished_on;
  return null;
end $$;

-- Every link of a kept day had expired by the frontier, so a link that is valid longer is of no kept day. What people
-- do after a link expired changes no count (a receipt read weeks later); everything else leaves a mark.
create or replace function rollup_mark_invitation() returns trigger language plpgsql as $$
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
end $$;

-- The days of the invitations that are watched, of those with the given numbers.
create function rollup_watched(invitations bigint[]) returns setof date language sql stable as $$
  select v.finished_on from rollup_frontier f, unnest(invitations) as c (id)
  cross join lateral (select * from invitation where id = c.id offset 0) i
  cross join lateral (select * from visit where id = i.visit_id and i.expires_at <= f.expired_at offset 0) v
  where v.finished_on <= f.finished_on
$$;

create or replace function rollup_mark_answer() returns trigger language plpgsql as $$
declare
  known bigint[] := array(select c.invitation_id from changed c
    where c.invitation_id <= (select f.invitation_id from rollup_frontier f));
begin
  if cardinality(known) > 0 then
    insert into rollup_mark select distinct day from rollup_watched(known) day;
  end if;
  return null;
end $$;

-- A text that is removed still counts, so its removal leaves no mark.
create or replace function rollup_mark_answer_change() returns trigger language plpgsql as $$
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
end $$;

-- Cost counts accepted messages; one that is not accepted yet will be updated when it is.
create or replace function rollup_mark_message() returns trigger language plpgsql as $$
declare
  known bigint[] := array(select c.invitation_id from changed c
    where c.accepted_at is not null and c.invitation_id <= (select f.invitation_id from rollup_frontier f));
begin
  if cardinality(known) > 0 then
    insert into rollup_mark select distinct day from rollup_watched(known) day;
  end if;
  return null;
end $$;

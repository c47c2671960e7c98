-- Roll-ups: what reports count, kept by day and by whole month. docs/roll-ups.md says why a kept figure is never wrong.

-- One row for every calendar day that is kept or will be. A day is kept when counted_at is set; whoever reads it checks
-- that no mark stands against it.
create table rollup_day (
  finished_on date primary key,
  look_at timestamptz,                        -- civil time of the next look while it is not kept; null: now
  quiet_from xid8,                            -- transactions older than this one may not know that the day is watched
  rule smallint not null default 0,           -- version of the counting rule it was counted by
  open_until timestamptz,                     -- when the last of its links expired; null: it has none
  counted_at timestamptz
);

create table rollup_month (
  month date primary key,                     -- its first day
  counted_at timestamptz not null
);

-- A writer changed something of this day after it was watched. Only ever added by writers, so that they never wait for
-- each other; taken away by the count that has seen the change.
create table rollup_mark (finished_on date not null);

-- How far days are watched: changes of visits up to this day, and of invitations that expired by then, leave a mark.
create table rollup_frontier (
  only_row boolean primary key default true check (only_row),
  finished_on date not null,
  expired_at timestamptz not null
);
insert into rollup_frontier values (true, '-infinity', '-infinity');

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

-- ---------------------------------------------------------------- marks
-- Statement triggers: a batch pays once. Days that are not watched yet, which is where nearly all writing happens, are
-- told apart by columns of the changed rows themselves, without a look-up.

create function rollup_mark_visit() returns trigger language plpgsql as $$
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
create trigger rollup_inserted after insert on visit referencing new table as came
  for each statement execute function rollup_mark_visit();
create trigger rollup_updated after update on visit referencing old table as gone new table as came
  for each statement execute function rollup_mark_visit();
create trigger rollup_deleted after delete on visit referencing old table as gone
  for each statement execute function rollup_mark_visit();

create function rollup_mark_decision() returns trigger language plpgsql as $$
begin
  insert into rollup_mark select distinct v.finished_on from changed c join visit v on v.id = c.visit_id
  where v.finished_on <= (select f.finished_on from rollup_frontier f);
  return null;
end $$;
create trigger rollup_inserted after insert on decision referencing new table as changed
  for each statement execute function rollup_mark_decision();
create trigger rollup_updated after update on decision referencing new table as changed
  for each statement execute function rollup_mark_decision();
create trigger rollup_deleted after delete on decision referencing old table as changed
  for each statement execute function rollup_mark_decision();
create trigger rollup_inserted after insert on invitation referencing new table as changed
  for each statement execute function rollup_mark_decision();
create trigger rollup_deleted after delete on invitation referencing old table as changed
  for each statement execute function rollup_mark_decision();

-- Every link of a kept day had expired by the frontier, so a link that is valid longer is of no kept day. What people
-- do after a link expired changes no count (a receipt read weeks later); everything else leaves a mark.
create function rollup_mark_invitation() returns trigger language plpgsql as $$
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
create trigger rollup_updated after update on invitation referencing old table as gone new table as came
  for each statement execute function rollup_mark_invitation();

create function rollup_mark_answer() returns trigger language plpgsql as $$
begin
  insert into rollup_mark select distinct v.finished_on from changed c
  join invitation i on i.id = c.invitation_id and i.expires_at <= (select f.expired_at from rollup_frontier f)
  join visit v on v.id = i.visit_id
  where v.finished_on <= (select f.finished_on from rollup_frontier f);
  return null;
end $$;
create trigger rollup_inserted after insert on answer referencing new table as changed
  for each statement execute function rollup_mark_answer();
-- A text that is removed still counts, so its removal leaves no mark.
create function rollup_mark_answer_change() returns trigger language plpgsql as $$
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
create trigger rollup_updated after update on answer referencing old table as gone new table as came
  for each statement execute function rollup_mark_answer_change();
create trigger rollup_deleted after delete on answer referencing old table as changed
  for each statement execute function rollup_mark_answer();

-- Cost counts accepted messages; one that is not accepted yet will be updated when it is.
create function rollup_mark_message() returns trigger language plpgsql as $$
begin
  insert into rollup_mark select distinct v.finished_on from changed c
  join invitation i on i.id = c.invitation_id and i.expires_at <= (select f.expired_at from rollup_frontier f)
  join visit v on v.id = i.visit_id
  where c.accepted_at is not null and v.finished_on <= (select f.finished_on from rollup_frontier f);
  return null;
end $$;
create trigger rollup_inserted after insert on message referencing new table as changed
  for each statement execute function rollup_mark_message();
create trigger rollup_updated after update on message referencing new table as changed
  for each statement execute function rollup_mark_message();
create trigger rollup_deleted after delete on message referencing old table as changed
  for each statement execute function rollup_mark_message();

-- Visits whose answers may be a program's, or whose record may be staff's own: signs, for reports to leave out or to
-- look at alone. Rows are rare, and say nothing of a person: neither an address nor what the program called itself.
create table visit_flag (
  visit_id bigint not null references visit on delete cascade,
  flag text not null check (flag in ('robots', 'staff')),
  sign text not null check (sign in ('agent', 'pace', 'number', 'burst')),
  noted_at timestamptz not null,
  primary key (visit_id, flag)
);

-- Up to which visit the signs of staff were looked for.
create table visit_flag_reach (
  one boolean primary key default true check (one),
  visit_id bigint not null
);
insert into visit_flag_reach (visit_id) values (0);

create view reporting.visit_flag as select visit_id, flag, sign, noted_at from public.visit_flag;
comment on view reporting.visit_flag is 'Visits with a sign of a program or of staff; most visits have no row';
comment on column reporting.visit_flag.visit_id is 'number of the visit, joins visit and invitation';
comment on column reporting.visit_flag.flag is 'robots: a program may have answered; staff: the record may be made up at the desk';
comment on column reporting.visit_flag.sign is 'agent, pace (robots); number, burst (staff): docs/for-analysts.md tells what each means';
comment on column reporting.visit_flag.noted_at is 'when it was noticed first';

do $$
begin
  if exists (select from pg_roles where rolname = 'vidhuk_analyst') then
    grant select on reporting.visit_flag to vidhuk_analyst;
  end if;
end $$;

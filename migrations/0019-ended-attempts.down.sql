alter table attempt alter column finished_at drop not null, alter column outcome drop not null;
insert into attempt (message_id, attempt, worker, claimed_at, finished_at, outcome, external_id)
select id, attempt, claimed_by, claimed_at, accepted_at, case when state <> 'sending' then 'accepted' end, external_id
from message where claimed_at is not null
on conflict do nothing;
alter table message drop constraint message_claimed;
update message set claimed_by = null where state <> 'sending';
alter table message add constraint message_check check ((state = 'sending') = (claimed_by is not null));
drop index message_again;
drop index message_once;
create unique index message_once on message (invitation_id, kind, channel,
  (case when kind in ('invite', 'reminder') and state <> 'cancelled' then ordinal else -id end));
alter table message drop column slot, drop column claimed_at;

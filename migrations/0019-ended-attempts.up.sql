-- A claim writes its intent on the message itself: attempt, who, when, until when. `attempt` keeps what else became of
-- attempts: a message that the carrier took at once, as nearly all are, costs no further row.
alter table message
  add column claimed_at timestamptz,           -- civil; when the latest attempt began
  add column slot bigint generated always as
    (case when kind in ('invite', 'reminder') and state <> 'cancelled' then ordinal else -id end) stored;
alter table message drop constraint message_check; -- sending exactly while claimed_by is set
update message m set claimed_at = a.claimed_at, claimed_by = a.worker
from attempt a where a.message_id = m.id and a.attempt = m.attempt;
alter table message add constraint message_claimed check (state <> 'sending' or (claimed_by is not null and claimed_at is not null));

-- One standing first message per invitation and channel: a second plan cannot send it twice. Conversation and what was
-- cancelled stand under their own id (negative, apart from ordinals), so that this one index also finds all messages of an
-- invitation. As a stored column the slot is computed once a change, not once an index entry.
drop index message_once;
create unique index message_once on message (invitation_id, kind, channel, slot);
-- Those that go again, of which a receipt may still tell: nearly none.
create index message_again on message (subscriber_id) where state = 'queued' and attempt > 0 and subscriber_id is not null;

delete from attempt where outcome is null or (outcome = 'accepted' and detail is null);
alter table attempt alter column finished_at set not null, alter column outcome set not null;

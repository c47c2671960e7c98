-- Campaigns take turns within a sender, so the queue is kept by campaign. Written once with the message and read by the
-- claim alone, as `invitation.campaign_id` is; no foreign key, since that one is checked already.
alter table message add column campaign_id bigint not null default 0; -- 0: conversation, which takes no turn
update message m set campaign_id = i.campaign_id
from invitation i where i.id = m.invitation_id and m.state = 'queued' and m.kind in ('invite', 'reminder');
drop index message_due;
create index message_due on message (sender, priority, campaign_id, due_at, id) where state = 'queued';

alter table sender
  add column max_in_flight integer check (max_in_flight > 0), -- all workers together; null: what each worker allows itself
  add column paused_until timestamptz; -- real time; a worker waits until then after a run of failures

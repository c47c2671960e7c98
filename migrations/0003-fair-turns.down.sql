alter table sender drop column paused_until, drop column max_in_flight;
drop index message_due;
alter table message drop column campaign_id;
create index message_due on message (sender, priority, due_at, id) where state = 'queued';

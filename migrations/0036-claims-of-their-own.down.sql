drop index message_due;
drop index message_uncertain;
drop index message_again;
drop index message_abandoned;
alter table message set (fillfactor = 70);
alter table message reset (autovacuum_vacuum_scale_factor, autovacuum_vacuum_threshold, vacuum_index_cleanup);
alter table visit reset (autovacuum_vacuum_scale_factor, autovacuum_vacuum_threshold, vacuum_index_cleanup);
alter table carrier_fact reset (autovacuum_vacuum_scale_factor, autovacuum_vacuum_threshold, vacuum_index_cleanup);
alter table message drop constraint message_claimed;
alter table message add column leased_until timestamptz;
update message m set leased_until = c.leased_until from claim c where m.state = 'sending' and c.id = m.claim_id;
alter table message drop column standing, drop column claim_id;
alter table message
  add constraint message_check1 check ((state = 'sending') = (leased_until is not null)),
  add constraint message_claimed check (state <> 'sending' or (claimed_by is not null and claimed_at is not null));
drop table claim;
create index message_due on message (sender, priority, campaign_id, due_at, id) where state = 'queued';
create index message_leased on message (leased_until) where state = 'sending';
create index message_uncertain on message (id) where state = 'uncertain';
create index message_again on message (subscriber_id) where state = 'queued' and attempt > 0 and subscriber_id is not null;
create index message_abandoned on message (id) where state = 'abandoned';

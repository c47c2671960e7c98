-- ---------------------------------------------------------------- dispatch: claims, each a row of its own
-- The lease belongs to the claim, not to each of its messages: so a claim touches no index of `message` at all, and its
-- update stays on the page (HOT). Those of a dead worker are found, and those under way counted, by the claims.
create table claim (
  id bigint generated always as identity primary key,
  sender text not null,                       -- of sender: the claim has just read its row
  worker text not null,
  leased_until timestamptz not null,          -- real time, not civil
  messages bigint[] not null,
  in_flight integer not null check (in_flight >= 0) -- those of them that are still sending
) with (fillfactor = 20); -- counted down again and again

drop index message_due;
drop index message_leased;
drop index message_uncertain;
drop index message_again;
drop index message_abandoned;
alter table message
  add column claim_id bigint,                 -- of claim: the latest; kept when it is over
  -- What indexes know of the state; the same for a message that waits for its first attempt and one under way.
  add column standing text generated always as (case state
    when 'queued' then case when attempt = 0 then 'open' else 'again' end
    when 'sending' then 'open'
    when 'uncertain' then 'uncertain'
    when 'abandoned' then 'abandoned' end) stored;

with held as (
  insert into claim (sender, worker, leased_until, messages, in_flight)
  select sender, claimed_by, leased_until, array_agg(id), count(*) from message where state = 'sending'
  group by sender, claimed_by, leased_until
  returning id, messages
)
update message m set claim_id = held.id from held where m.id = any(held.messages);
alter table message drop constraint message_claimed;
alter table message drop column leased_until; -- with its check
alter table message add constraint message_claimed check
  (state <> 'sending' or (claimed_by is not null and claimed_at is not null and claim_id is not null));
-- Room on each page for what a claim writes.
alter table message set (fillfactor = 50);

-- Indexes of what waits are read from the oldest end, where the entries of what is done lie until a vacuum takes them. Left to
-- the defaults (a fifth of the table, and no look at indexes while under 2 % of its pages are concerned), a table of ten million
-- gathers a million of them, and each claim reads thousands of pages in vain.
alter table message set (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 50000, vacuum_index_cleanup = on);
alter table visit set (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 50000, vacuum_index_cleanup = on);
alter table carrier_fact set (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 50000, vacuum_index_cleanup = on);

create index message_due on message (sender, priority, campaign_id, due_at, id) where standing in ('open', 'again');
create index message_uncertain on message (id) where standing = 'uncertain';
-- Those that go again, of which a receipt may still tell: nearly none.
create index message_again on message (subscriber_id) where standing = 'again' and subscriber_id is not null;
-- Few and never changed again; those still in doubt have message_uncertain.
create index message_abandoned on message (id) where standing = 'abandoned';

-- ---------------------------------------------------------------- replies: a stop said in the chat
-- It is the person's, whatever number they turn out to have: kept as long as the chat is known, longer than their words.
alter table viber_subscriber add column stopped_at timestamptz;

-- Stops of people whose number was known stand under that number; those of others are among the carriers' facts, where only
-- a process with the key could tell whose they are.
update viber_subscriber s set stopped_at = p.created_at
from contact c join suppression p on p.address_hash = c.phone_hash
where c.id = s.contact_id and p.channel is null and p.reason = 'stop' and p.via = 'viber' and p.lifted_at is null;

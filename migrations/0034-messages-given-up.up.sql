-- ---------------------------------------------------------------- dispatch: messages given up, for people to look through
-- Few and never changed again; those still in doubt have message_uncertain.
create index message_abandoned on message (id) where state = 'abandoned';

-- An invitation is named in a fact by what its message says, which has a foreign key of its own. Asking for it once more, row by
-- row, cost as much as all else of settling a batch of receipts.
alter table carrier_fact drop constraint carrier_fact_invitation_id_fkey;

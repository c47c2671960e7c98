-- ---------------------------------------------------------------- replies: both channels reached the person after all
-- Set once: the first channel told of its delivery only after the next one's message had gone out.
alter table invitation add column overlap_at timestamptz;

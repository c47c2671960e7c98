-- A campaign can be taken out of force without a successor: its newest published revision is then withdrawn.
alter table definition add column withdrawn_at timestamptz;

alter table invitation drop column overlap_at;

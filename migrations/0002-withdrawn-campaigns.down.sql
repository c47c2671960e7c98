alter table definition drop column withdrawn_at;

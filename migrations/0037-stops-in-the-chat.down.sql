alter table viber_subscriber drop column stopped_at;

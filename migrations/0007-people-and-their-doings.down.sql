drop table audit_entry;
drop function audit_entry_stands();
drop table sign_in_failure, recovery_code, second_factor;
alter table app_session drop column id, drop column seen_at, drop column via, drop column awaits_code,
  drop column wrong_codes, drop column address, drop column agent;
drop table app_identity;
alter table api_token drop constraint api_token_admin_is_everywhere, drop column centres;
delete from app_session where user_id in (select id from app_user where password_hash is null);
delete from app_user where password_hash is null;
alter table app_user drop constraint app_user_admin_is_everywhere, drop column centres,
  drop column password_changed_at, alter column password_hash set not null;

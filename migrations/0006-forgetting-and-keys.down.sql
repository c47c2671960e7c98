drop index carrier_fact_address, carrier_fact_words, visit_record_typed, answer_words;
drop table erasure, retention_removal, retention_rule;
alter table contact drop constraint contact_known, drop constraint contact_forgotten;
-- A forgotten person has no hash any more; a random one stands for nobody.
update contact set phone_hash = sha256(gen_random_uuid()::text::bytea) where phone_hash is null;
update contact set key_id = '' where key_id is null;
alter table contact alter column phone_hash set not null, alter column key_id set not null;
alter table visit_record drop column key_id;
drop table vault_key;

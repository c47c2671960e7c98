-- Why a person must choose a new password before anything else: somebody else gave it to them, or it is in a list of
-- stolen ones. Null: it is their own. When it was set is password_changed_at.
alter table app_user add column password_due text check (password_due in ('given', 'stolen'));

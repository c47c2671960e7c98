alter table app_user drop column password_due;

drop schema reporting cascade;
drop view invitation_facts;

alter table carrier_fact add constraint carrier_fact_invitation_id_fkey
  foreign key (invitation_id) references invitation (id);

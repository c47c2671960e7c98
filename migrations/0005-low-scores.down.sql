drop table case_note;
drop table service_case;

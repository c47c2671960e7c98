drop table text_approval;

drop view reporting.visit_flag;
drop table visit_flag_reach;
drop table visit_flag;

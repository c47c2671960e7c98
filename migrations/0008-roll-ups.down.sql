drop trigger rollup_inserted on visit;
drop trigger rollup_updated on visit;
drop trigger rollup_deleted on visit;
drop trigger rollup_inserted on decision;
drop trigger rollup_updated on decision;
drop trigger rollup_deleted on decision;
drop trigger rollup_inserted on invitation;
drop trigger rollup_updated on invitation;
drop trigger rollup_deleted on invitation;
drop trigger rollup_inserted on answer;
drop trigger rollup_updated on answer;
drop trigger rollup_deleted on answer;
drop trigger rollup_inserted on message;
drop trigger rollup_updated on message;
drop trigger rollup_deleted on message;
drop function rollup_mark_visit(), rollup_mark_decision(), rollup_mark_invitation(), rollup_mark_answer(),
  rollup_mark_answer_change(),
  rollup_mark_message();
drop table rollup_path, rollup_answer, rollup_message, rollup_mark, rollup_frontier, rollup_month, rollup_day;

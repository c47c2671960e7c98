drop table api_token, app_session, app_user, conversation, answer, carrier_fact, attempt, message, sender,
  decision, invitation, definition, visit_record, visit, feed_position, rejected_row, intake_batch, centre,
  suppression, viber_subscriber, contact, clock_anchor;

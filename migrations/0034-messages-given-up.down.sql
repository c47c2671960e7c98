drop index message_abandoned;

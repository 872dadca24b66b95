DROP TABLE standings;
DROP TABLE progress_events;

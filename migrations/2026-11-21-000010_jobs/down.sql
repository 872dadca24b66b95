DROP TABLE paused_queues;
DROP TABLE queue_jobs;

DROP TABLE achievements;
DROP TABLE freeze_entries;
DROP TABLE learning_days;
DROP TABLE learner_zones;
DROP TABLE games;

DROP TABLE training_items;
DROP TABLE trainings;

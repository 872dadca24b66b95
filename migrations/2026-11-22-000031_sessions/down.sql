DROP INDEX tokens_of_user;

DROP INDEX users_by_name;
DROP TRIGGER change_words ON users;
DROP TRIGGER keep_words ON users;
DROP FUNCTION stoa_change_words;
DROP FUNCTION stoa_keep_words;
DROP TABLE user_words;
DROP FUNCTION stoa_words;

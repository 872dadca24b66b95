DROP TABLE credentials;
DROP TABLE memberships;
DROP TABLE users;

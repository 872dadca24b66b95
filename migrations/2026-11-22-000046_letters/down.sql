DROP TABLE suspended_addresses;
DROP TABLE letters;

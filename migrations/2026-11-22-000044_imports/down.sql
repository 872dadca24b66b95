DROP TABLE data_set_members;
DROP TABLE import_rows;
DROP TABLE imports;

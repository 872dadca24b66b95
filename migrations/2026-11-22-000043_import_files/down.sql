DROP TABLE import_file_parts;
DROP TABLE import_files;

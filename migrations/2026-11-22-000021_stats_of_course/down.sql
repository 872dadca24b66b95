DROP INDEX standings_of_kind;

DROP TABLE game_settings;
DROP TABLE board_opt_outs;
DROP TABLE board_teams;
DROP TABLE board_periods;
DROP TABLE board_scores;
DROP TABLE xp_entries;

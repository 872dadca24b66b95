DROP TABLE cefr_targets;
DROP TABLE cefr_levels;
DROP TABLE cefr_evidence;

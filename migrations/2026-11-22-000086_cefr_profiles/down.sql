DROP TABLE cefr_documents;
DROP TABLE cefr_profiles;

CREATE INDEX tokens_of_user ON tokens (tenant_id, user_id, id) WHERE kind = 'session';

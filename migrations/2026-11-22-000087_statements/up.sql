-- Statements of the Experience API as they came in. What they did is activity like any other.
CREATE TABLE xapi_statements (
  tenant_id   uuid NOT NULL,
  id          uuid NOT NULL,
  user_id     uuid NOT NULL,
  digest      bytea NOT NULL,
  statement   jsonb NOT NULL,
  received_at timestamptz NOT NULL,
  FOREIGN KEY (tenant_id, user_id) REFERENCES users
);
CREATE INDEX xapi_statements_of_learner ON xapi_statements (tenant_id, user_id, id);
ALTER TABLE xapi_statements ADD PRIMARY KEY (tenant_id, id);
CALL stoa_wall('xapi_statements', 'SELECT, INSERT', '');
CALL stoa_led_people('xapi_statements', 'user_id');
COMMENT ON TABLE xapi_statements IS 'Statements of the Experience API as they came in; the id makes a statement count once, for ever';
COMMENT ON COLUMN xapi_statements.tenant_id IS 'The institution';
COMMENT ON COLUMN xapi_statements.id IS 'The statement''s own id; progress_events has it as xapi:<id>';
COMMENT ON COLUMN xapi_statements.user_id IS 'The learner whom its actor is';
COMMENT ON COLUMN xapi_statements.digest IS 'SHA-256 of what it says, to tell a statement that is sent again from another of the same id';
COMMENT ON COLUMN xapi_statements.statement IS 'Whole, as it was given';
COMMENT ON COLUMN xapi_statements.received_at IS 'When it was accepted';

-- What an institution asks support to subscribe it to.
CREATE TABLE subscription_requests (
  tenant_id     uuid NOT NULL REFERENCES institutions,
  id            uuid NOT NULL,
  external_id   text,
  fingerprint   bytea NOT NULL,
  dialect       text NOT NULL CHECK (dialect IN ('talktiko', 'teachbase', 'reach360')),
  reason        text NOT NULL,
  status        text NOT NULL CHECK (status IN ('requested', 'testing', 'approved', 'rejected', 'expired', 'withdrawn')),
  decision      text,
  decided_by    uuid,
  decided_name  text,
  filed_by      uuid,
  filed_name    text NOT NULL,
  created_at    timestamptz NOT NULL,
  updated_at    timestamptz NOT NULL,
  expires_at    timestamptz NOT NULL,
  decided_at    timestamptz,
  FOREIGN KEY (tenant_id, filed_by) REFERENCES users
);
CREATE UNIQUE INDEX subscription_requests_external_id ON subscription_requests (tenant_id, external_id);
-- The queue of support goes through all institutions, the oldest first.
CREATE INDEX subscription_requests_in_queue ON subscription_requests (id);
ALTER TABLE subscription_requests ADD PRIMARY KEY (tenant_id, id);
CALL stoa_wall('subscription_requests', 'SELECT, INSERT, UPDATE', 'SELECT');
COMMENT ON TABLE subscription_requests IS 'Requests to support for subscriptions';
COMMENT ON COLUMN subscription_requests.tenant_id IS 'The institution';
COMMENT ON COLUMN subscription_requests.id IS 'Shown as srq_…';
COMMENT ON COLUMN subscription_requests.external_id IS 'The institution''s own key: the same request twice is one';
COMMENT ON COLUMN subscription_requests.fingerprint IS 'SHA-256 of what was requested, to tell a repeat from another request under the same key';
COMMENT ON COLUMN subscription_requests.dialect IS 'How the receivers want to be spoken to';
COMMENT ON COLUMN subscription_requests.reason IS 'Why, in the requester''s words';
COMMENT ON COLUMN subscription_requests.status IS 'Open while requested or testing; approved also where only a part was';
COMMENT ON COLUMN subscription_requests.decision IS 'Why, in the words of whoever decided';
COMMENT ON COLUMN subscription_requests.decided_by IS 'Who of the staff decided; none where time did or the institution withdrew it';
COMMENT ON COLUMN subscription_requests.decided_name IS 'What that person was called then';
COMMENT ON COLUMN subscription_requests.filed_by IS 'Who filed it; none where an integration did';
COMMENT ON COLUMN subscription_requests.filed_name IS 'What the filer was called then';
COMMENT ON COLUMN subscription_requests.created_at IS 'When it was filed';
COMMENT ON COLUMN subscription_requests.updated_at IS 'When it last changed';
COMMENT ON COLUMN subscription_requests.expires_at IS 'When it expires if nobody decides';
COMMENT ON COLUMN subscription_requests.decided_at IS 'When it was decided, expired or withdrawn';

CREATE TABLE subscription_request_items (
  tenant_id       uuid NOT NULL,
  request_id      uuid NOT NULL,
  number          integer NOT NULL,
  url             text NOT NULL,
  events          text[] NOT NULL,
  scope_ids       uuid[],
  scope_kinds     text[],
  outcome         text NOT NULL CHECK (outcome IN ('pending', 'approved', 'partly_approved', 'rejected')),
  approved_events text[] NOT NULL DEFAULT '{}',
  webhook_id      uuid,
  subscription_id uuid,
  test            jsonb,
  PRIMARY KEY (tenant_id, request_id, number),
  FOREIGN KEY (tenant_id, request_id) REFERENCES subscription_requests (tenant_id, id),
  CHECK ((scope_ids IS NULL) = (scope_kinds IS NULL))
);
CALL stoa_wall('subscription_request_items', 'SELECT, INSERT, UPDATE', 'SELECT');
COMMENT ON TABLE subscription_request_items IS 'What is requested: one receiver, its event types and its objects, each with an outcome of its own';
COMMENT ON COLUMN subscription_request_items.tenant_id IS 'The institution';
COMMENT ON COLUMN subscription_request_items.request_id IS 'The request';
COMMENT ON COLUMN subscription_request_items.number IS 'From 1, as they were filed';
COMMENT ON COLUMN subscription_request_items.url IS 'Where deliveries are to go, normalised';
COMMENT ON COLUMN subscription_request_items.events IS 'Event types in the dialect''s names; * means all';
COMMENT ON COLUMN subscription_request_items.scope_ids IS 'Course, lesson and item ids that it is limited to; none means all';
COMMENT ON COLUMN subscription_request_items.scope_kinds IS 'Kind of each of them: course, lesson or item';
COMMENT ON COLUMN subscription_request_items.outcome IS 'What became of this item';
COMMENT ON COLUMN subscription_request_items.approved_events IS 'Of the types, those that were approved';
COMMENT ON COLUMN subscription_request_items.webhook_id IS 'The receiver that was made or found for it';
COMMENT ON COLUMN subscription_request_items.subscription_id IS 'The subscription that it became';
COMMENT ON COLUMN subscription_request_items.test IS 'What came of support''s last test';

-- The institution is to see who of the staff subscribed it, and why.
ALTER TABLE subscriptions ADD COLUMN made_by text, ADD COLUMN reason text;
COMMENT ON COLUMN subscriptions.made_by IS 'Who of the platform''s staff made it, as the person was called then';
COMMENT ON COLUMN subscriptions.reason IS 'Why, in that person''s words';

-- What was written to whom, and what became of it: a row for every letter that was promised.
CREATE TABLE letters (
  tenant_id    uuid NOT NULL REFERENCES institutions,
  id           uuid NOT NULL,
  occasion     text NOT NULL,
  kind         text NOT NULL,
  user_id      uuid,
  recipient    text NOT NULL,
  address_hash bytea NOT NULL,
  language     text NOT NULL,
  status       text NOT NULL CHECK (status IN ('queued', 'sent', 'refused', 'bounced', 'suspended', 'failed')),
  attempts     integer NOT NULL DEFAULT 1,
  last_error   text,
  created_at   timestamptz NOT NULL,
  updated_at   timestamptz NOT NULL,
  sent_at      timestamptz,
  bounced_at   timestamptz,
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, occasion),
  FOREIGN KEY (tenant_id, user_id) REFERENCES users
);
CREATE INDEX letters_of_user ON letters (tenant_id, user_id, id);
CREATE INDEX letters_to_address ON letters (tenant_id, address_hash, id);
-- What is past its retention is found across institutions.
CREATE INDEX letters_by_age ON letters (id);
CALL stoa_wall('letters', 'SELECT, INSERT, UPDATE', 'SELECT, DELETE');
COMMENT ON TABLE letters IS 'Letters that were promised, one for each recipient, and what became of them';
COMMENT ON COLUMN letters.tenant_id IS 'The institution';
COMMENT ON COLUMN letters.id IS 'Shown as ltr_…; the Message-ID of the letter is made of it';
COMMENT ON COLUMN letters.occasion IS 'What it is about and for whom: the same letter promised twice is one';
COMMENT ON COLUMN letters.kind IS 'Which letter';
COMMENT ON COLUMN letters.user_id IS 'The member that it goes to; none for somebody who is none';
COMMENT ON COLUMN letters.recipient IS 'The address as it may be shown: a***@example.com';
COMMENT ON COLUMN letters.address_hash IS 'SHA-256 of the address in lower case: the address itself is not kept here';
COMMENT ON COLUMN letters.language IS 'Language of the whole letter';
COMMENT ON COLUMN letters.status IS 'Queued while it may still be sent; sent; refused for good by the mail server; bounced after it was sent; suspended where the address is; failed when it was given up';
COMMENT ON COLUMN letters.attempts IS 'How often it was tried';
COMMENT ON COLUMN letters.last_error IS 'What a mail server said last against it, addresses masked';
COMMENT ON COLUMN letters.created_at IS 'When it was promised';
COMMENT ON COLUMN letters.updated_at IS 'When anything last happened to it';
COMMENT ON COLUMN letters.sent_at IS 'When the mail server took it';
COMMENT ON COLUMN letters.bounced_at IS 'When it came back';

-- Addresses that letters came back from for good. Nothing is sent to them until an admin says so.
CREATE TABLE suspended_addresses (
  tenant_id    uuid NOT NULL REFERENCES institutions,
  address_hash bytea NOT NULL,
  recipient    text NOT NULL,
  letter_id    uuid NOT NULL,
  reason       text NOT NULL,
  suspended_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, address_hash)
);
CALL stoa_wall('suspended_addresses', 'SELECT, INSERT, DELETE', 'SELECT');
COMMENT ON TABLE suspended_addresses IS 'Addresses that nothing is sent to any more';
COMMENT ON COLUMN suspended_addresses.tenant_id IS 'The institution';
COMMENT ON COLUMN suspended_addresses.address_hash IS 'SHA-256 of the address in lower case';
COMMENT ON COLUMN suspended_addresses.recipient IS 'The address as it may be shown';
COMMENT ON COLUMN suspended_addresses.letter_id IS 'The letter that came back';
COMMENT ON COLUMN suspended_addresses.reason IS 'What the mail server said';
COMMENT ON COLUMN suspended_addresses.suspended_at IS 'Since when';

-- The words by which people are searched: each of a name, the address, and the external id.
--
-- A row-level policy lets an index be asked only by operators that leak nothing of the rows that they refuse. Those of
-- trigrams and of text search are none of them; comparing is. So words are found by how they begin, which comparing does.
CREATE FUNCTION stoa_words(name text, first_name text, last_name text, email_key text, external_id text) RETURNS text[]
  LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT coalesce(array_agg(DISTINCT w), '{}') FROM unnest(
    string_to_array(lower(translate(concat_ws(' ', name, first_name, last_name), E'\u00a0\u3000,"()', '      ')), ' ')
    || string_to_array(lower(translate(concat_ws(' ', name, first_name, last_name), '-', ' ')), ' ')
    || ARRAY[lower(email_key), lower(external_id)]) AS w
  WHERE w <> ''
$$;

CREATE TABLE user_words (
  tenant_id uuid NOT NULL,
  word      text COLLATE "C" NOT NULL,
  user_id   uuid NOT NULL,
  PRIMARY KEY (tenant_id, word, user_id)
);
COMMENT ON TABLE user_words IS 'By which words a person is found; kept by the table of people, which is why nothing refers to it';
COMMENT ON COLUMN user_words.tenant_id IS 'The institution';
COMMENT ON COLUMN user_words.word IS 'In lower case: a part of the name, the address or the external id';
COMMENT ON COLUMN user_words.user_id IS 'The person';

ALTER TABLE users NO FORCE ROW LEVEL SECURITY;
INSERT INTO user_words (tenant_id, word, user_id)
  SELECT u.tenant_id, w, u.id FROM users u, unnest(stoa_words(u.name, u.first_name, u.last_name, u.email_key, u.external_id)) w;
ALTER TABLE users FORCE ROW LEVEL SECURITY;
CALL stoa_wall('user_words', 'SELECT, INSERT, DELETE', 'SELECT, INSERT');

-- Once for a statement, however many people it writes.
CREATE FUNCTION stoa_keep_words() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO user_words (tenant_id, word, user_id)
    SELECT n.tenant_id, w, n.id FROM fresh n, unnest(stoa_words(n.name, n.first_name, n.last_name, n.email_key, n.external_id)) w;
  RETURN NULL;
END
$$;
CREATE FUNCTION stoa_change_words() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM stale o JOIN fresh n ON n.tenant_id = o.tenant_id AND n.id = o.id
    WHERE (n.name, n.first_name, n.last_name, n.email_key, n.external_id)
      IS DISTINCT FROM (o.name, o.first_name, o.last_name, o.email_key, o.external_id)) THEN
    RETURN NULL;
  END IF;
  DELETE FROM user_words w USING stale o,
      unnest(stoa_words(o.name, o.first_name, o.last_name, o.email_key, o.external_id)) AS x(word)
    WHERE w.tenant_id = o.tenant_id AND w.word = x.word AND w.user_id = o.id;
  INSERT INTO user_words (tenant_id, word, user_id)
    SELECT n.tenant_id, w, n.id FROM fresh n, unnest(stoa_words(n.name, n.first_name, n.last_name, n.email_key, n.external_id)) w;
  RETURN NULL;
END
$$;
REVOKE ALL ON FUNCTION stoa_keep_words, stoa_change_words FROM PUBLIC;
CREATE TRIGGER keep_words AFTER INSERT ON users REFERENCING NEW TABLE AS fresh
  FOR EACH STATEMENT EXECUTE FUNCTION stoa_keep_words();
CREATE TRIGGER change_words AFTER UPDATE ON users REFERENCING OLD TABLE AS stale NEW TABLE AS fresh
  FOR EACH STATEMENT EXECUTE FUNCTION stoa_change_words();

-- Lists by name.
CREATE INDEX users_by_name ON users (tenant_id, name, id);

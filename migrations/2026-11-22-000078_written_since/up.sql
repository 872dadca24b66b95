-- Which rows were written since a place in the order of commits, by the number of the transaction that wrote each one:
-- what committed late is found by it, whatever its times say. The number in a row has 32 bits, so a place may be two
-- thousand million transactions old and no older; what stands in rows for longer than that is taken for new.
CREATE FUNCTION stoa_written_since(writer xid, place bigint) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT place <= stoa_position_offset()
    OR ((writer::text::bigint - (place - stoa_position_offset())) & 4294967295) < 2147483648
$$;
COMMENT ON FUNCTION stoa_written_since IS 'Was a row written at or after a place in the order of commits: stoa_written_since(t.xmin, place)';

CREATE FUNCTION stoa_place_is_known(place bigint) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT place <= stoa_position_horizon()
    AND (place <= stoa_position_offset() OR stoa_position_horizon() - place < 2000000000)
$$;
COMMENT ON FUNCTION stoa_place_is_known IS 'Can it still be told what was written since a place';

-- An id as people read it. The server spells ids faster; this is for those whose kind only the row knows.
CREATE FUNCTION stoa_id_text(prefix text, id uuid) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT AS $$
  SELECT prefix || '_' || string_agg(
    substr('0123456789abcdefghjkmnpqrstvwxyz', substring(B'00' || ('x' || replace(id::text, '-', ''))::bit(128) FROM 5 * place + 1 FOR 5)::bit(5)::integer + 1, 1),
    '' ORDER BY place)
  FROM generate_series(0, 25) AS place
$$;
COMMENT ON FUNCTION stoa_id_text IS 'An id as the API spells it: a prefix, an underscore and 26 letters';

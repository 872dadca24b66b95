DROP FUNCTION stoa_id_text, stoa_place_is_known, stoa_written_since;

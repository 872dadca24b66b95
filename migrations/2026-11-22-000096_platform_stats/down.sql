DO $$
DECLARE
  summed regclass;
BEGIN
  FOREACH summed IN ARRAY ARRAY['activity_gaps', 'activity_totals', 'course_starts']::regclass[] LOOP
    EXECUTE format('DROP POLICY relay_passes ON %s', summed);
    EXECUTE format('REVOKE SELECT ON %s FROM stoa_relay', summed);
  END LOOP;
END
$$;

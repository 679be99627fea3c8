-- Whoever sees a matter sees what hangs on it. OFFSET 0 keeps the planner from preparing the same question a second time, as
-- a hash of every matter, which it never chose and set up anew for each statement.
DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['matter_action', 'matter_key', 'matter_party', 'matter_lookup', 'matter_file'] LOOP
    EXECUTE format('ALTER POLICY see ON %I USING ((SELECT scope_system()) OR EXISTS (SELECT FROM matter m WHERE m.county = %I.county AND m.id = %I.matter OFFSET 0))', t, t, t);
  END LOOP;
END $$;
ALTER POLICY see ON matter_reader USING (
  (SELECT scope_system())
  OR (NOT guarded AND reader = ANY ((SELECT scope_units()::text[] || scope_regions())::text[]))
  OR EXISTS (SELECT FROM matter m WHERE m.county = matter_reader.county AND m.id = matter_reader.matter OFFSET 0)
);

-- A word that many matters hold is met by reading the newest ones after each other, long before the index has collected all
-- of a day's that hold it (on the day of a storm tens of thousands). The newest fifty tell whether that is worth while: for
-- common words half the time, for others a fraction of a millisecond. A single character, which costs the index most, is
-- asked of more. The plans are made once: made for every search they would cost more than the reading does.
ALTER FUNCTION search_by_index SET plan_cache_mode = auto;
CREATE OR REPLACE FUNCTION search_matters(p_county text, p_query tsquery, p_before timestamptz, p_before_id uuid, p_limit int)
RETURNS TABLE (id uuid, received_at timestamptz)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public SET plan_cache_mode = force_generic_plan AS $$
DECLARE
  one CONSTANT boolean := p_query::text LIKE '%:*%';
  asked CONSTANT int := CASE WHEN one THEN 400 ELSE 50 END;
  newest int := asked;
  upto CONSTANT timestamptz := coalesce(p_before, 'infinity');
  ids uuid[];
  moments timestamptz[];
  found_n int;
  scope text := current_setting('yd.scope', true);
  system boolean := scope_system();
  person uuid := scope_person();
  units uuid[] := scope_units();
  all_units uuid[] := scope_all_units();
  keys uuid[] := scope_keys();
  regions text[] := scope_regions();
BEGIN
  PERFORM set_config('yd.scope', '|||||on|', true); -- as in search_by_index
  LOOP
    IF system OR EXISTS (SELECT FROM unnest(regions) code WHERE code LIKE '%000000') THEN
      SELECT array_agg(n.id), array_agg(n.received_at) INTO ids, moments FROM (SELECT m.id, m.received_at FROM matter m
        WHERE m.county = p_county AND m.received_at <= upto AND (p_before IS NULL OR (m.received_at, m.id) < (p_before, p_before_id))
        ORDER BY m.received_at DESC, m.id DESC LIMIT newest) n;
    ELSE
      SELECT array_agg(n.matter), array_agg(n.received_at) INTO ids, moments FROM (SELECT DISTINCT w.received_at, w.matter
        FROM unnest(regions || units::text[] || person::text) AS own(reader)
        CROSS JOIN unnest(ARRAY['open', 'struck', 'other']) AS at(stage)
        CROSS JOIN LATERAL (SELECT r.received_at, r.matter FROM matter_reader r
          WHERE r.county = p_county AND r.reader = own.reader AND r.stage = at.stage AND r.received_at <= upto
            AND (p_before IS NULL OR (r.received_at, r.matter) < (p_before, p_before_id))
          ORDER BY r.received_at DESC, r.matter DESC LIMIT newest) w
        ORDER BY w.received_at DESC, w.matter DESC LIMIT newest) n;
    END IF;
    SELECT array_agg(h.matter), array_agg(h.received_at) INTO ids, moments FROM (SELECT n.matter, n.received_at
      FROM (SELECT * FROM unnest(ids, moments) AS u(matter, received_at) ORDER BY u.received_at DESC, u.matter DESC OFFSET 0) n
      CROSS JOIN LATERAL (SELECT FROM matter_search s WHERE s.county = p_county AND s.matter = n.matter AND s.tsv @@ p_query OFFSET 0) hit
      CROSS JOIN LATERAL (SELECT FROM matter m WHERE m.county = p_county AND m.id = n.matter
        AND (system OR (NOT m.excluded_people @> ARRAY[person] AND NOT m.excluded_units && all_units
          AND CASE WHEN m.sensitive THEN person = ANY (m.readers) OR m.participants && keys
                   ELSE m.participants && units OR m.path && regions END)) OFFSET 0) seen
      ORDER BY n.received_at DESC, n.matter DESC LIMIT p_limit) h;
    found_n := coalesce(cardinality(ids), 0);
    EXIT WHEN found_n = p_limit OR newest > asked OR found_n = 0;
    newest := least(3 * asked * p_limit / found_n, CASE WHEN one THEN 4000 ELSE 1000 END);
  END LOOP;
  PERFORM set_config('yd.scope', scope, true);
  IF found_n = p_limit THEN
    RETURN QUERY SELECT * FROM unnest(ids, moments);
  ELSE
    RETURN QUERY SELECT s.id, s.received_at FROM search_by_index(p_county, p_query, p_before, p_before_id, p_limit) s;
  END IF;
END $$;

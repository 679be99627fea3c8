-- Search, made anew. Lexemes are pairs of neighbouring units now (第77, 77号), so everything is indexed once more, in the
-- background, by the job that follows every write.
SELECT set_config('yd.scope', '|||||on|', true);
INSERT INTO matter_change (county, matter) SELECT county, id FROM matter;
SELECT set_config('yd.scope', '', true);

-- Newest first, in growing steps: a common word fills its page from the newest day or the five before it; what does not is
-- looked for everywhere at once, unless that is too much to sort; then month by month. A word that is rare costs three
-- looks at the index, not one for every day and month, and no step sorts more than `few`.
CREATE OR REPLACE FUNCTION search_matters(p_county text, p_query tsquery, p_before timestamptz, p_before_id uuid, p_limit int)
RETURNS TABLE (id uuid, received_at timestamptz)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public AS $$
DECLARE
  few CONSTANT int := 2000;
  step int := 0;
  found_n int := 0;
  n int;
  upto timestamptz;
  first timestamptz;
  oldest timestamptz;
  today date;
  bucket tsquery;
  ids uuid[]; -- what the index answers, up to `few` and one more
  moments timestamptz[];
  scope text := current_setting('yd.scope', true);
  system boolean := scope_system();
  person uuid := scope_person();
  units uuid[] := scope_units();
  all_units uuid[] := scope_all_units();
  keys uuid[] := scope_keys();
  regions text[] := scope_regions();
  own tsquery;
BEGIN
  PERFORM set_config('yd.scope', '|||||on|', true); -- the owner may itself be under forced policies; the scope follows in words
  -- A scope below the county reads only what carries one of its readers.
  IF NOT system AND NOT EXISTS (SELECT FROM unnest(regions) code WHERE code LIKE '%000000') THEN
    SELECT string_agg(quote_literal('r:' || reader), ' | ')::tsquery INTO own
      FROM unnest(regions || units::text[] || person::text) reader;
    p_query := p_query && coalesce(own, quote_literal('r:nobody')::tsquery);
  END IF;
  SELECT max(s.received_at), min(s.received_at) INTO upto, oldest FROM matter s WHERE s.county = p_county;
  upto := least(upto, p_before) + interval '1 microsecond';
  WHILE found_n < p_limit AND upto > oldest LOOP
    -- The day that the moment before `upto` lies in; then the five before it; everything; the months.
    today := (upto - interval '1 microsecond') AT TIME ZONE 'Asia/Shanghai';
    bucket := NULL;
    IF step = 0 THEN
      first := today::timestamp AT TIME ZONE 'Asia/Shanghai';
      bucket := quote_literal('d:' || to_char(today, 'YYYYMMDD'))::tsquery;
    ELSIF step = 1 THEN
      first := (today - 4)::timestamp AT TIME ZONE 'Asia/Shanghai';
      SELECT string_agg(quote_literal('d:' || to_char(today - back, 'YYYYMMDD')), ' | ')::tsquery INTO bucket FROM generate_series(0, 4) back;
    ELSIF step = 2 THEN
      first := '-infinity';
    ELSE
      first := date_trunc('month', today::timestamp) AT TIME ZONE 'Asia/Shanghai';
      bucket := quote_literal('m:' || to_char(today, 'YYYYMM'))::tsquery;
    END IF;
    step := step + 1;
    SELECT coalesce(array_agg(c.matter), '{}'), array_agg(c.received_at) INTO ids, moments
      FROM (SELECT s.matter, s.received_at FROM matter_search s
            WHERE s.county = p_county AND s.tsv @@ (CASE WHEN bucket IS NULL THEN p_query ELSE p_query && bucket END) AND s.received_at < upto
            LIMIT few + 1) c;
    CONTINUE WHEN bucket IS NULL AND cardinality(ids) > few;
    IF cardinality(ids) <= few THEN
      RETURN QUERY
        SELECT s.matter, s.received_at
        FROM (SELECT u.matter, u.received_at FROM unnest(ids, moments) AS u(matter, received_at)
              WHERE p_before IS NULL OR (u.received_at, u.matter) < (p_before, p_before_id)
              ORDER BY u.received_at DESC, u.matter DESC OFFSET 0) s
        CROSS JOIN LATERAL (SELECT FROM matter m WHERE m.county = p_county AND m.id = s.matter
          AND (system OR (NOT m.excluded_people @> ARRAY[person] AND NOT m.excluded_units && all_units
            AND CASE WHEN m.sensitive THEN person = ANY (m.readers) OR m.participants && keys
                     ELSE m.participants && units OR m.path && regions END)) OFFSET 0) seen
        ORDER BY s.received_at DESC, s.matter DESC LIMIT p_limit - found_n;
    ELSE
      -- So common in these days that walking them newest first meets it at once.
      RETURN QUERY
        SELECT m.id, m.received_at FROM matter m
        WHERE m.county = p_county AND m.received_at < upto AND m.received_at >= first
          AND (p_before IS NULL OR (m.received_at, m.id) < (p_before, p_before_id))
          AND (system OR (NOT m.excluded_people @> ARRAY[person] AND NOT m.excluded_units && all_units
            AND CASE WHEN m.sensitive THEN person = ANY (m.readers) OR m.participants && keys
                     ELSE m.participants && units OR m.path && regions END))
          AND (SELECT s.tsv @@ p_query FROM matter_search s WHERE s.county = p_county AND s.matter = m.id)
        ORDER BY m.received_at DESC, m.id DESC LIMIT p_limit - found_n;
    END IF;
    GET DIAGNOSTICS n = ROW_COUNT;
    found_n := found_n + n;
    upto := first;
  END LOOP;
  PERFORM set_config('yd.scope', scope, true);
END $$;

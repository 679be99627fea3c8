-- Newest first, in growing steps: a common word fills its page from the last days and never touches the whole county; a
-- word that does not is looked for by month, then everywhere at once unless that is too much to sort.
CREATE OR REPLACE FUNCTION search_matters(p_county text, p_query tsquery, p_before timestamptz, p_before_id uuid, p_limit int)
RETURNS TABLE (id uuid, received_at timestamptz)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public AS $$
DECLARE
  few CONSTANT int := 2000;
  days CONSTANT int := 7;
  months CONSTANT int := 3;
  step int := 0;
  found_n int := 0;
  n int;
  upto timestamptz;
  first timestamptz;
  oldest timestamptz;
  bucket tsquery;
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
    -- From the start of the bucket that the moment before `upto` lies in.
    IF step < days THEN
      first := date_trunc('day', (upto - interval '1 microsecond') AT TIME ZONE 'Asia/Shanghai') AT TIME ZONE 'Asia/Shanghai';
      bucket := quote_literal('d:' || to_char(first AT TIME ZONE 'Asia/Shanghai', 'YYYYMMDD'))::tsquery;
    ELSIF step = days + months AND (SELECT count(*) FROM (SELECT FROM matter_search s WHERE s.county = p_county AND s.tsv @@ p_query LIMIT few + 1) c) <= few THEN
      first := '-infinity';
      bucket := NULL;
    ELSE
      first := date_trunc('month', (upto - interval '1 microsecond') AT TIME ZONE 'Asia/Shanghai') AT TIME ZONE 'Asia/Shanghai';
      bucket := quote_literal('m:' || to_char(first AT TIME ZONE 'Asia/Shanghai', 'YYYYMM'))::tsquery;
    END IF;
    RETURN QUERY
      SELECT s.matter, s.received_at
      FROM (SELECT c.matter, c.received_at FROM matter_search c WHERE c.county = p_county
              AND c.tsv @@ (CASE WHEN bucket IS NULL THEN p_query ELSE p_query && bucket END)
              AND c.received_at < upto
              AND (p_before IS NULL OR (c.received_at, c.matter) < (p_before, p_before_id))
            ORDER BY c.received_at DESC, c.matter DESC OFFSET 0) s
      CROSS JOIN LATERAL (SELECT FROM matter m WHERE m.county = p_county AND m.id = s.matter
        AND (system OR (NOT m.excluded_people @> ARRAY[person] AND NOT m.excluded_units && all_units
          AND CASE WHEN m.sensitive THEN person = ANY (m.readers) OR m.participants && keys
                   ELSE m.participants && units OR m.path && regions END)) OFFSET 0) seen
      ORDER BY s.received_at DESC, s.matter DESC LIMIT p_limit - found_n;
    GET DIAGNOSTICS n = ROW_COUNT;
    found_n := found_n + n;
    upto := first;
    step := step + 1;
  END LOOP;
  PERFORM set_config('yd.scope', scope, true);
END $$;

-- What is indexed without its day is made again. The owner, too, may be under forced policies.
SELECT set_config('yd.scope', '|||||on|', true);
UPDATE matter_search SET of = '';
INSERT INTO matter_change (county, matter) SELECT county, matter FROM matter_search;

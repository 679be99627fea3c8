-- Reference tables (regions, units, people, code tables) are small and live on every node; tables of matters and what
-- hangs on them are distributed: their primary, unique and foreign keys begin with the county, which never changes.

CREATE TABLE county (
  county text COLLATE "C" PRIMARY KEY,
  region text NOT NULL,
  name   text NOT NULL
);
COMMENT ON TABLE county IS 'A home of matters. The key is the code the county had when it joined; it is opaque afterwards, because counties merge and change codes.';

CREATE TABLE region (
  code       text COLLATE "C" PRIMARY KEY,
  parent     text COLLATE "C" REFERENCES region,
  level      text NOT NULL CHECK (level IN ('city', 'county', 'township', 'village', 'grid', 'group')),
  name       text NOT NULL,
  pinyin     text NOT NULL DEFAULT '',
  valid_from date NOT NULL DEFAULT '1949-10-01',
  valid_to   date,
  successor  text COLLATE "C" REFERENCES region,
  CHECK (valid_to IS NULL OR valid_to > valid_from)
);
CREATE INDEX region_parent ON region (parent);
COMMENT ON COLUMN region.code IS 'Twelve digits down to the village (GB/T 2260 + rule of the statistics bureau); a grid adds 3 digits, a group 2 more.';

CREATE TABLE region_boundary (
  region     text COLLATE "C" NOT NULL REFERENCES region,
  valid_from date NOT NULL,
  valid_to   date,
  datum      text NOT NULL CHECK (datum IN ('WGS84', 'GCJ02', 'CGCS2000')),
  geometry   jsonb NOT NULL,
  PRIMARY KEY (region, valid_from),
  CHECK (valid_to IS NULL OR valid_to > valid_from)
);
COMMENT ON COLUMN region_boundary.geometry IS 'GeoJSON Polygon or MultiPolygon in WGS-84; datum says what it was given in.';

CREATE TABLE unit (
  id         uuid PRIMARY KEY,
  county     text COLLATE "C" NOT NULL REFERENCES county,
  region     text COLLATE "C" NOT NULL REFERENCES region,
  kind       text NOT NULL CHECK (kind IN ('centre', 'department', 'committee', 'station', 'court', 'insurer', 'enterprise', 'school', 'village')),
  name       text NOT NULL,
  pinyin     text NOT NULL DEFAULT '',
  phone      text,
  above      uuid REFERENCES unit,
  words      text[] NOT NULL DEFAULT '{}',
  valid_from date NOT NULL DEFAULT '1949-10-01',
  valid_to   date,
  successor  uuid REFERENCES unit,
  CHECK (valid_to IS NULL OR successor IS NOT NULL)
);
CREATE UNIQUE INDEX unit_name ON unit (county, region, name);
COMMENT ON COLUMN unit.above IS 'For a centre: the centre of the next level up. For others: the centre they work beside.';
COMMENT ON COLUMN unit.words IS 'Words in a narrative that speak for this unit: grounds of a suggestion.';

CREATE TABLE person (
  id          uuid PRIMARY KEY,
  login       text COLLATE "C" NOT NULL UNIQUE,
  name        text NOT NULL,
  pinyin      text NOT NULL DEFAULT '',
  password    text,
  must_change boolean NOT NULL DEFAULT true,
  misses      int NOT NULL DEFAULT 0,
  locked_until timestamptz,
  disabled_at timestamptz,
  language    text NOT NULL DEFAULT 'zh' CHECK (language IN ('zh', 'en'))
);
COMMENT ON TABLE person IS 'Members of staff. Residents are never rows here.';

CREATE TABLE post (
  id           uuid PRIMARY KEY,
  person       uuid NOT NULL REFERENCES person,
  unit         uuid NOT NULL REFERENCES unit,
  region       text COLLATE "C" NOT NULL REFERENCES region,
  role         text NOT NULL CHECK (role IN ('clerk', 'handler', 'grid', 'mediator', 'leader', 'auditor', 'system-admin', 'security-admin', 'audit-admin')),
  need_to_know boolean NOT NULL DEFAULT false,
  substitute   uuid REFERENCES person,
  valid_from   date NOT NULL,
  valid_to     date,
  CHECK (substitute IS DISTINCT FROM person),
  CHECK (valid_to IS NULL OR substitute IS NOT NULL)
);
CREATE INDEX post_person ON post (person);
CREATE INDEX post_unit ON post (unit);
COMMENT ON TABLE post IS 'A person''s role in a unit for a region and a time. Rights come from posts only. A post cannot end without a substitute.';

CREATE TABLE session (
  id         bytea PRIMARY KEY,
  person     uuid NOT NULL REFERENCES person,
  csrf       text NOT NULL,
  created_at timestamptz NOT NULL,
  seen_at    timestamptz NOT NULL,
  ended_at   timestamptz,
  address    text NOT NULL,
  agent      text NOT NULL
);
CREATE INDEX session_person ON session (person) WHERE ended_at IS NULL;
COMMENT ON COLUMN session.id IS 'SHA-256 of the token in the cookie.';

CREATE TABLE api_token (
  id         uuid PRIMARY KEY,
  hash       bytea NOT NULL UNIQUE,
  name       text NOT NULL,
  post       uuid NOT NULL REFERENCES post,
  scopes     text[] NOT NULL,
  created_by uuid NOT NULL REFERENCES person,
  created_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  ended_at   timestamptz
);
COMMENT ON TABLE api_token IS 'Tokens for integrations: act by one post, within scopes read and write.';

CREATE TABLE audit (
  n       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at      timestamptz NOT NULL,
  person  uuid,
  what    text NOT NULL,
  county  text COLLATE "C",
  subject text,
  result  text NOT NULL,
  detail  jsonb NOT NULL DEFAULT '{}'
);
CREATE INDEX audit_at ON audit (at);
COMMENT ON TABLE audit IS 'Sign-ins, reads of sensitive matters, showing of clear personal data, exports, administration. Append-only, kept at least six months (网络安全法 23).';

CREATE TABLE calendar_year (
  year   int PRIMARY KEY,
  off    date[] NOT NULL,
  work   date[] NOT NULL,
  source text NOT NULL
);
COMMENT ON TABLE calendar_year IS 'Rest days and swapped working days of a year, from the yearly notice of the State Council.';

CREATE TABLE clock (
  kind           text COLLATE "C" NOT NULL,
  step           text COLLATE "C" NOT NULL,
  effective_from date NOT NULL,
  value          jsonb NOT NULL,
  PRIMARY KEY (kind, step, effective_from)
);
COMMENT ON TABLE clock IS 'Clocks per kind and step, versioned by date, seeded from the kind; a county may correct them.';

CREATE TABLE category_version (
  kind           text COLLATE "C" NOT NULL,
  version        int NOT NULL,
  effective_from date NOT NULL,
  source         text NOT NULL,
  PRIMARY KEY (kind, version)
);
CREATE TABLE category (
  kind    text COLLATE "C" NOT NULL,
  version int NOT NULL,
  code    text COLLATE "C" NOT NULL,
  parent  text COLLATE "C",
  name    text NOT NULL,
  words   text[] NOT NULL DEFAULT '{}',
  PRIMARY KEY (kind, version, code),
  FOREIGN KEY (kind, version) REFERENCES category_version
);
COMMENT ON TABLE category IS 'What a matter is about. Imported as whole versions; matters keep the code they were given.';

CREATE TABLE saved_view (
  id     uuid PRIMARY KEY,
  person uuid NOT NULL REFERENCES person,
  name   text NOT NULL,
  query  jsonb NOT NULL,
  UNIQUE (person, name)
);

CREATE TABLE task (
  id         uuid PRIMARY KEY,
  person     uuid NOT NULL REFERENCES person,
  kind       text NOT NULL,
  input      jsonb NOT NULL,
  state      text NOT NULL CHECK (state IN ('waiting', 'running', 'done', 'failed', 'cancelled')),
  done       int NOT NULL DEFAULT 0,
  total      int,
  counts     jsonb NOT NULL DEFAULT '{}',
  result     text,
  error      jsonb,
  created_at timestamptz NOT NULL,
  beat_at    timestamptz,
  ended_at   timestamptz
);
CREATE INDEX task_person ON task (person, created_at DESC);
COMMENT ON TABLE task IS 'Long work (import, export) with progress and a result to download; runs with its requester''s scope and is taken up again after a crash.';

CREATE TABLE import_source (
  name    text PRIMARY KEY,
  mapping jsonb NOT NULL
);
COMMENT ON TABLE import_source IS 'How the columns of a source map to fields; remembered from the last import.';

-- ---------------------------------------------------------------------------------------------------------------
-- Matters

CREATE TABLE matter (
  county          text COLLATE "C" NOT NULL,
  id              uuid NOT NULL,
  seq             int NOT NULL CHECK (seq > 0),
  number          text COLLATE "C" NOT NULL,
  kind            text COLLATE "C" NOT NULL,
  state           text COLLATE "C" NOT NULL,
  open            boolean NOT NULL,
  stock           boolean NOT NULL,
  unit            uuid NOT NULL,
  centre          uuid NOT NULL,
  handler         uuid,
  due             json,
  due_at          timestamptz,
  next_at         timestamptz,
  lapses          int NOT NULL,
  category        text COLLATE "C",
  source          text COLLATE "C" NOT NULL,
  fields          jsonb NOT NULL,
  path            text[] COLLATE "C" NOT NULL,
  grid            text COLLATE "C",
  location        jsonb,
  received_at     timestamptz NOT NULL,
  registered_at   timestamptz NOT NULL,
  entered_at      timestamptz NOT NULL,
  accepted_at     timestamptz,
  dispatched_at   timestamptz,
  closed_at       timestamptz,
  ended_at        timestamptz,
  sensitive       boolean NOT NULL,
  participants    uuid[] NOT NULL,
  excluded_units  uuid[] NOT NULL,
  excluded_people uuid[] NOT NULL,
  readers         uuid[] NOT NULL,
  handled_by      uuid[] NOT NULL,
  returned_by     uuid[] NOT NULL,
  reworks         int NOT NULL,
  rating          int CHECK (rating BETWEEN 1 AND 5),
  solved          boolean,
  cause           text COLLATE "C",
  parties         jsonb NOT NULL,
  relations       jsonb NOT NULL,
  externals       jsonb NOT NULL,
  files           jsonb NOT NULL,
  summary         text,
  words           bytea NOT NULL,
  township        text COLLATE "C" GENERATED ALWAYS AS (path[2]) STORED,
  village         text COLLATE "C" GENERATED ALWAYS AS (path[3]) STORED,
  PRIMARY KEY (county, id),
  UNIQUE (county, number),
  CONSTRAINT never_orphaned CHECK (NOT open OR stock OR (due IS NOT NULL AND due_at IS NOT NULL AND next_at IS NOT NULL)),
  CONSTRAINT ended_rests CHECK (open OR (due_at IS NULL AND next_at IS NULL)),
  CONSTRAINT open_by_state CHECK (open = (state NOT IN ('struck', 'declined', 'withdrawn', 'merged')))
);
COMMENT ON TABLE matter IS 'Anything raised that must be closed. The projection of matter_action, written in the same transaction.';
COMMENT ON COLUMN matter.summary IS 'The title with personal data masked, so that lists never decrypt; NULL once erased.';
COMMENT ON COLUMN matter.words IS 'Title and narrative as last corrected, sealed under the matter''s key: the same bytes as in the action that wrote them.';
COMMENT ON COLUMN matter.stock IS 'Old record imported without clocks, until someone opens it.';
CREATE INDEX matter_inbox ON matter (county, unit, due_at, id) WHERE open;
CREATE INDEX matter_next ON matter (county, next_at) WHERE next_at IS NOT NULL;
CREATE INDEX matter_received ON matter (county, received_at DESC, id DESC);
CREATE INDEX matter_due ON matter (county, due_at, id) WHERE open;
CREATE INDEX matter_township ON matter (county, township, received_at DESC, id DESC);
CREATE INDEX matter_village ON matter (county, village, received_at DESC, id DESC);
CREATE INDEX matter_handler ON matter (county, handler, received_at DESC, id DESC);
CREATE INDEX matter_unit ON matter (county, unit, received_at DESC, id DESC);
CREATE INDEX matter_state ON matter (county, state, received_at DESC, id DESC);
CREATE INDEX matter_guarded ON matter (county, id) WHERE sensitive OR excluded_units <> '{}' OR excluded_people <> '{}';

CREATE TABLE matter_action (
  county    text COLLATE "C" NOT NULL,
  matter    uuid NOT NULL,
  seq       int NOT NULL,
  id        uuid NOT NULL,
  type      text COLLATE "C" NOT NULL,
  actor     uuid,
  post      uuid,
  unit      uuid,
  at        timestamptz NOT NULL,
  device_at timestamptz,
  data      json NOT NULL,
  effects   json NOT NULL,
  words     bytea,
  content   bytea NOT NULL,
  version   int NOT NULL,
  alg       text COLLATE "C" NOT NULL,
  prev      bytea NOT NULL,
  hash      bytea NOT NULL,
  PRIMARY KEY (county, matter, seq),
  UNIQUE (county, id)
);
COMMENT ON TABLE matter_action IS 'Everything done to a matter. Append-only; each row carries the hash of the one before.';
COMMENT ON COLUMN matter_action.content IS 'Keyed hash of what the client sent: a replay with the same content is answered, with other content refused.';
COMMENT ON COLUMN matter_action.data IS 'json, not jsonb: the bytes that were hashed are kept.';

CREATE TABLE matter_key (
  county  text COLLATE "C" NOT NULL,
  id      uuid NOT NULL,
  matter  uuid NOT NULL,
  wrapped bytea,
  version int NOT NULL,
  PRIMARY KEY (county, id)
);
CREATE INDEX matter_key_matter ON matter_key (county, matter);
COMMENT ON TABLE matter_key IS 'Data keys of a matter (id = matter) and of each party (id = party), wrapped by the master key of that version. Mutable on purpose: rotation rewraps, erasure sets wrapped to NULL.';

CREATE TABLE matter_party (
  county text COLLATE "C" NOT NULL,
  id     uuid NOT NULL,
  matter uuid NOT NULL,
  words  bytea NOT NULL,
  masked jsonb NOT NULL,
  PRIMARY KEY (county, id)
);
CREATE INDEX matter_party_matter ON matter_party (county, matter);
COMMENT ON TABLE matter_party IS 'Name, phone, identity number, address and safe-contact note of a party, sealed under the party''s key; masked form beside it.';

CREATE TABLE matter_lookup (
  county text COLLATE "C" NOT NULL,
  hash   bytea NOT NULL,
  matter uuid NOT NULL,
  what   text COLLATE "C" NOT NULL CHECK (what IN ('phone', 'identity', 'receipt', 'external')),
  party  uuid,
  PRIMARY KEY (county, hash, matter)
);
CREATE INDEX matter_lookup_matter ON matter_lookup (county, matter);
COMMENT ON TABLE matter_lookup IS 'Keyed hashes for exact look-up. Nothing here can be sorted, counted or read back.';

CREATE TABLE matter_reader (
  county      text COLLATE "C" NOT NULL,
  reader      text COLLATE "C" NOT NULL,
  stage       text COLLATE "C" NOT NULL CHECK (stage IN ('open', 'struck', 'other')),
  received_at timestamptz NOT NULL,
  matter      uuid NOT NULL,
  guarded     boolean NOT NULL,
  PRIMARY KEY (county, reader, stage, received_at, matter) INCLUDE (guarded)
);
CREATE INDEX matter_reader_matter ON matter_reader (county, matter);
COMMENT ON TABLE matter_reader IS 'One row for each township, village, grid and unit through which a matter may be seen: lists of a narrow scope walk it newest first instead of the whole county. It grants nothing; the policy of matter decides.';
COMMENT ON COLUMN matter_reader.guarded IS 'Sensitive, or hidden from somebody: then the matter itself is asked; else a reader''s row is seen by that reader.';
COMMENT ON COLUMN matter_reader.stage IS 'Open, struck off, or ended otherwise: a list of one state never walks past the years of another.';

CREATE TABLE matter_file (
  county text COLLATE "C" NOT NULL,
  id     uuid NOT NULL,
  matter uuid NOT NULL,
  at     timestamptz NOT NULL,
  PRIMARY KEY (county, id)
);
COMMENT ON TABLE matter_file IS 'Where a file of a matter may be read; its bytes lie encrypted in the file store under its id.';

CREATE TABLE matter_search (
  county      text COLLATE "C" NOT NULL,
  matter      uuid NOT NULL,
  received_at timestamptz NOT NULL,
  tsv         tsvector NOT NULL,
  of          text COLLATE "C" NOT NULL,
  PRIMARY KEY (county, matter)
) WITH (toast_tuple_target = 128);
-- Every search also reads the index's list of what was not merged yet: kept short, it costs a millisecond instead of twenty.
CREATE INDEX matter_search_tsv ON matter_search USING gin (tsv) WITH (fastupdate = on, gin_pending_list_limit = 256);
COMMENT ON TABLE matter_search IS 'Bigrams of the redacted text, lexemes for the month (m:202603) and the day (d:20260314) and one for each reader (r:...). The words lie beside the row, so that hits are read and sorted without them. Read only through search_matters() and like_matters().';
COMMENT ON COLUMN matter_search.of IS 'md5 of what it was made from; another value there means it must be made again.';

CREATE TABLE matter_change (
  county text COLLATE "C" NOT NULL,
  n      bigint GENERATED ALWAYS AS IDENTITY,
  matter uuid NOT NULL,
  PRIMARY KEY (county, n)
);
COMMENT ON TABLE matter_change IS 'Every write marks its matter; a job brings search and roll-ups up to date and deletes the mark.';

CREATE TABLE tally (
  county text COLLATE "C" NOT NULL,
  place  text COLLATE "C" NOT NULL,
  unit   text COLLATE "C" NOT NULL,
  kind   text COLLATE "C" NOT NULL,
  state  text COLLATE "C" NOT NULL,
  n      bigint NOT NULL,
  PRIMARY KEY (county, place, unit, kind, state)
);
COMMENT ON TABLE tally IS 'How many matters by place (county, township, village; empty: anywhere), accountable unit (empty: any), kind and state, so that any scope is a sum of few cells. Guarded matters (sensitive, or hidden from a unit) are never in it: they are counted live, for those who may see them.';
CREATE TABLE tally_of (
  county text COLLATE "C" NOT NULL,
  matter uuid NOT NULL,
  places text[] COLLATE "C" NOT NULL,
  unit   text COLLATE "C" NOT NULL,
  kind   text COLLATE "C" NOT NULL,
  state  text COLLATE "C" NOT NULL,
  PRIMARY KEY (county, matter)
);
COMMENT ON TABLE tally_of IS 'What each matter last contributed to the tally.';

CREATE TABLE number_block (
  county text COLLATE "C" NOT NULL,
  year   int NOT NULL,
  next   bigint NOT NULL,
  PRIMARY KEY (county, year)
);
COMMENT ON TABLE number_block IS 'Numbers are taken in blocks per process; gaps are allowed.';

CREATE TABLE import_seen (
  county    text COLLATE "C" NOT NULL,
  source    text NOT NULL,
  source_id text NOT NULL,
  content   bytea NOT NULL,
  matter    uuid NOT NULL,
  PRIMARY KEY (county, source, source_id)
);
COMMENT ON TABLE import_seen IS 'What was imported, by the source''s own id: the same row again is repeated, another text under the same id is refused.';

CREATE TABLE chain_root (
  county text COLLATE "C" NOT NULL,
  day    date NOT NULL,
  matters bigint NOT NULL,
  actions bigint NOT NULL,
  root   bytea NOT NULL,
  PRIMARY KEY (county, day)
);
COMMENT ON TABLE chain_root IS 'One hash a day over the heads of all chains of a county; exported, so that a missing tail shows.';

-- ---------------------------------------------------------------------------------------------------------------
-- Append-only: refused by trigger, whoever asks, and by grant.

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = '42501';
END $$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON matter_action FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only_all BEFORE TRUNCATE ON matter_action EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON audit FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only_all BEFORE TRUNCATE ON audit EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON chain_root FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- ---------------------------------------------------------------------------------------------------------------
-- Who sees what. The server connects as a member of yuandian_rights, which bypasses nothing, and names the actor with
-- one SET LOCAL in each transaction: person|units|keys|all units|regions|system|audit. The functions below are the one
-- place that reads it; the sub-selects make them constants of the plan (on Citus they must become plain calls).

CREATE FUNCTION scope_part(n int) RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS
$$ SELECT nullif(split_part(coalesce(current_setting('yd.scope', true), ''), '|', n), '') $$;
CREATE FUNCTION scope_person() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE AS $$ SELECT scope_part(1)::uuid $$;
CREATE FUNCTION scope_units() RETURNS uuid[] LANGUAGE sql STABLE PARALLEL SAFE AS $$ SELECT coalesce(scope_part(2), '{}')::uuid[] $$;
CREATE FUNCTION scope_keys() RETURNS uuid[] LANGUAGE sql STABLE PARALLEL SAFE AS $$ SELECT coalesce(scope_part(3), '{}')::uuid[] $$;
CREATE FUNCTION scope_all_units() RETURNS uuid[] LANGUAGE sql STABLE PARALLEL SAFE AS $$ SELECT coalesce(scope_part(4), '{}')::uuid[] $$;
CREATE FUNCTION scope_regions() RETURNS text[] LANGUAGE sql STABLE PARALLEL SAFE AS $$ SELECT coalesce(scope_part(5), '{}')::text[] $$;
CREATE FUNCTION scope_system() RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS $$ SELECT coalesce(scope_part(6) = 'on', false) $$;
CREATE FUNCTION scope_audit() RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS $$ SELECT coalesce(scope_part(7) = 'on', false) $$;
CREATE FUNCTION scope_writing() RETURNS uuid[] LANGUAGE sql STABLE PARALLEL SAFE AS
$$ SELECT coalesce(nullif(current_setting('yd.writing', true), ''), '{}')::uuid[] $$;

ALTER TABLE matter ENABLE ROW LEVEL SECURITY;
ALTER TABLE matter FORCE ROW LEVEL SECURITY;
CREATE POLICY see ON matter FOR SELECT USING (
  (SELECT scope_system())
  OR id = ANY ((SELECT scope_writing())::uuid[])
  OR (
    NOT excluded_people @> ARRAY[(SELECT scope_person())]
    AND NOT excluded_units && (SELECT scope_all_units())
    AND CASE WHEN sensitive
      THEN (SELECT scope_person()) = ANY (readers) OR participants && (SELECT scope_keys())
      ELSE participants && (SELECT scope_units()) OR path && (SELECT scope_regions())
    END
  )
);
-- A write names its matters first (yd.writing), after deciding on rows it was allowed to see and lock.
CREATE POLICY enter ON matter FOR INSERT WITH CHECK (id = ANY ((SELECT scope_writing())::uuid[]) OR (SELECT scope_system()));
CREATE POLICY move ON matter FOR UPDATE USING (true) WITH CHECK (id = ANY ((SELECT scope_writing())::uuid[]) OR (SELECT scope_system()));

DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['matter_action', 'matter_key', 'matter_party', 'matter_lookup', 'matter_file', 'matter_reader'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
    -- matter_reader has a policy of its own below.
    IF t <> 'matter_reader' THEN
      EXECUTE format('CREATE POLICY see ON %I FOR SELECT USING ((SELECT scope_system()) OR EXISTS (SELECT FROM matter m WHERE m.county = %I.county AND m.id = %I.matter))', t, t, t);
    END IF;
    EXECUTE format('CREATE POLICY enter ON %I FOR INSERT WITH CHECK (matter = ANY ((SELECT scope_writing())::uuid[]) OR (SELECT scope_system()))', t);
    -- Keys are rewrapped and destroyed, parties and their look-ups erased; actions and files are never touched again.
    IF t IN ('matter_key', 'matter_party', 'matter_lookup') THEN
      EXECUTE format('CREATE POLICY move ON %I FOR UPDATE USING ((SELECT scope_system())) WITH CHECK ((SELECT scope_system()))', t);
    END IF;
    IF t IN ('matter_party', 'matter_lookup') THEN
      EXECUTE format('CREATE POLICY leave ON %I FOR DELETE USING ((SELECT scope_system()))', t);
    END IF;
  END LOOP;
  FOREACH t IN ARRAY ARRAY['matter_search', 'matter_change', 'tally_of', 'import_seen', 'chain_root'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY jobs ON %I USING ((SELECT scope_system())) WITH CHECK ((SELECT scope_system()))', t);
  END LOOP;
END $$;
CREATE POLICY see ON matter_reader FOR SELECT USING (
  (SELECT scope_system())
  OR (NOT guarded AND reader = ANY ((SELECT scope_units()::text[] || scope_regions())::text[]))
  OR EXISTS (SELECT FROM matter m WHERE m.county = matter_reader.county AND m.id = matter_reader.matter)
);
CREATE POLICY leave ON matter_reader FOR DELETE USING (matter = ANY ((SELECT scope_writing())::uuid[]));
CREATE POLICY mark ON matter_change FOR INSERT WITH CHECK (matter = ANY ((SELECT scope_writing())::uuid[]));
CREATE POLICY remember ON import_seen FOR INSERT WITH CHECK (matter = ANY ((SELECT scope_writing())::uuid[]));

ALTER TABLE tally ENABLE ROW LEVEL SECURITY;
ALTER TABLE tally FORCE ROW LEVEL SECURITY;
CREATE POLICY see ON tally FOR SELECT USING (
  (SELECT scope_system())
  OR unit = ANY ((SELECT scope_units()::text[])::text[])
  OR place = ANY ((SELECT scope_regions())::text[])
);
CREATE POLICY jobs ON tally USING ((SELECT scope_system())) WITH CHECK ((SELECT scope_system()));

ALTER TABLE audit ENABLE ROW LEVEL SECURITY;
ALTER TABLE audit FORCE ROW LEVEL SECURITY;
CREATE POLICY append ON audit FOR INSERT WITH CHECK (true);
CREATE POLICY see ON audit FOR SELECT USING ((SELECT scope_system()) OR (SELECT scope_audit()));

-- Full-text search: the one audited way to matter_search. It applies the scope itself (its owner may bypass policies).
-- Newest first, in growing steps: a common word fills its page from the last days and never touches the whole county; a
-- word that does not is looked for by month, then everywhere at once unless that is too much to sort.
CREATE FUNCTION search_matters(p_county text, p_query tsquery, p_before timestamptz, p_before_id uuid, p_limit int)
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
REVOKE ALL ON FUNCTION search_matters FROM PUBLIC;

-- Candidates for likeness: the newest matters in scope that share rare words, best ranked first, with their lexemes.
-- Which words are common is read from the table's statistics, so that a long text never touches every row.
CREATE FUNCTION like_matters(p_county text, p_words text[], p_limit int)
RETURNS TABLE (county text, id uuid, number text, summary text, state text, received_at timestamptz, category text, unit uuid, handler uuid, lexemes text[])
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public AS $$
DECLARE
  scope text := current_setting('yd.scope', true);
  system boolean := scope_system();
  person uuid := scope_person();
  units uuid[] := scope_units();
  all_units uuid[] := scope_all_units();
  keys uuid[] := scope_keys();
  regions text[] := scope_regions();
  rare tsquery;
  every tsquery;
BEGIN
  PERFORM set_config('yd.scope', '|||||on|', true);
  SELECT string_agg(quote_literal(w.word), ' | ')::tsquery INTO every FROM unnest(p_words) AS w(word);
  SELECT string_agg(quote_literal(c.word), ' | ')::tsquery INTO rare FROM (
    SELECT w.word FROM unnest(p_words) WITH ORDINALITY AS w(word, place)
    LEFT JOIN (SELECT unnest(most_common_elems::text::text[]) AS word, unnest(most_common_elem_freqs[:cardinality(most_common_elems::text::text[])]) AS often
               FROM pg_stats WHERE schemaname = 'public' AND tablename = 'matter_search' AND attname = 'tsv') f USING (word)
    ORDER BY coalesce(f.often, 0), w.place LIMIT CASE WHEN (SELECT reltuples FROM pg_class WHERE oid = 'matter_search'::regclass) > 20000 THEN 12 ELSE 200 END) c;
  RETURN QUERY
    SELECT m.county, m.id, m.number, m.summary, m.state, m.received_at, m.category, m.unit, m.handler, tsvector_to_array(s.tsv)
    FROM (SELECT b.matter, b.tsv FROM
            (SELECT c.matter, c.tsv FROM matter_search c WHERE c.county = p_county AND c.tsv @@ rare ORDER BY c.received_at DESC LIMIT 600) b
          ORDER BY ts_rank(b.tsv, every, 1) DESC LIMIT p_limit * 2) s
    JOIN matter m ON m.county = p_county AND m.id = s.matter
    WHERE system OR (NOT m.excluded_people @> ARRAY[person] AND NOT m.excluded_units && all_units
        AND CASE WHEN m.sensitive THEN person = ANY (m.readers) OR m.participants && keys
                 ELSE m.participants && units OR m.path && regions END)
    LIMIT p_limit;
  PERFORM set_config('yd.scope', scope, true);
END $$;
REVOKE ALL ON FUNCTION like_matters FROM PUBLIC;

DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'yuandian_rights') THEN
    CREATE ROLE yuandian_rights NOLOGIN NOBYPASSRLS;
  END IF;
EXCEPTION WHEN duplicate_object OR unique_violation THEN
  NULL; -- roles belong to the whole server: another database made it in the same moment
END $$;
GRANT USAGE ON SCHEMA public TO yuandian_rights;
GRANT EXECUTE ON FUNCTION search_matters, like_matters TO yuandian_rights;
GRANT DELETE ON region_boundary TO yuandian_rights;
GRANT SELECT, INSERT, UPDATE ON county, region, region_boundary, unit, person, post, session, api_token, task, import_source, calendar_year, clock TO yuandian_rights;
GRANT SELECT, INSERT, UPDATE, DELETE ON saved_view TO yuandian_rights;
GRANT SELECT, INSERT ON category_version, category TO yuandian_rights;
GRANT SELECT, INSERT ON audit, matter_action, matter_file, chain_root TO yuandian_rights;
GRANT SELECT, INSERT, UPDATE ON matter, matter_key, number_block TO yuandian_rights;
GRANT SELECT, INSERT, UPDATE, DELETE ON matter_lookup, matter_party, matter_change, tally, tally_of, matter_search TO yuandian_rights;
GRANT SELECT, INSERT ON import_seen TO yuandian_rights;
GRANT SELECT, INSERT, DELETE ON matter_reader TO yuandian_rights;

CREATE TABLE revision (
  what text PRIMARY KEY,
  n    bigint NOT NULL
);
INSERT INTO revision VALUES ('directory', 1);
GRANT SELECT, UPDATE ON revision TO yuandian_rights;
COMMENT ON TABLE revision IS 'Raised whenever regions, units, clocks or code tables change, so that every process reloads what it keeps in memory.';

CREATE TABLE import_progress (
  id    uuid PRIMARY KEY,
  state jsonb NOT NULL
);
GRANT SELECT, INSERT, UPDATE, DELETE ON import_progress TO yuandian_rights;
COMMENT ON TABLE import_progress IS 'How far an import from the command line has come, written with each batch.';

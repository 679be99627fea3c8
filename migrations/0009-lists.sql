-- A row of a list is made as JSON when its matter is written, not each time it is read: of what a page of twenty cost, two
-- thirds was turning columns into text.
CREATE FUNCTION milliseconds(at timestamptz) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
$$ SELECT (extract(epoch FROM at) * 1000)::bigint $$;
CREATE FUNCTION listed_matter(county text, id uuid, seq int, number text, kind text, state text, open boolean, stock boolean, summary text, unit uuid, centre uuid,
  handler uuid, due_at timestamptz, lapses int, category text, source text, path text[], received_at timestamptz, ended_at timestamptz, sensitive boolean,
  reworks int, rating int, solved boolean, grade text, reply_at timestamptz, leader uuid, orders jsonb, parts jsonb, own jsonb)
RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT row_to_json(r)::text FROM (SELECT county, id, seq, number, kind, state, open, stock, summary, unit, centre, handler, milliseconds(due_at) AS due_at, lapses,
    category, source, path, milliseconds(received_at) AS received_at, milliseconds(ended_at) AS ended_at, sensitive, reworks, rating, solved, grade,
    milliseconds(reply_at) AS reply_at, leader, orders, parts, own) r
$$;
-- With it a row may pass the two kilobytes above which PostgreSQL would store columns elsewhere: it stays whole up to four.
ALTER TABLE matter SET (toast_tuple_target = 4080);
ALTER TABLE matter ADD COLUMN listed text GENERATED ALWAYS AS (listed_matter(county, id, seq, number, kind, state, open, stock, summary, unit, centre, handler,
  due_at, lapses, category, source, path, received_at, ended_at, sensitive, reworks, rating, solved, grade, reply_at, leader, orders, parts, fields->'own')) STORED;
COMMENT ON COLUMN matter.listed IS 'The row as lists send it: JSON, times in milliseconds. Made by the database from the other columns.';

-- A place below the county is walked through its readers, newest first; a matter's own rows there are known and deleted by
-- their keys. Three indexes fewer to write for every matter.
DROP INDEX matter_township, matter_village, matter_reader_matter;
-- Guarded matters are counted live: those found through a reader, and those hidden from somebody in a whole county.
CREATE INDEX matter_reader_guarded ON matter_reader (county, reader, matter) WHERE guarded;
CREATE INDEX matter_hidden ON matter (county, id) WHERE NOT sensitive AND (excluded_units <> '{}' OR excluded_people <> '{}');

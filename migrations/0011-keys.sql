-- A party's key lies in its own row: what is sealed and what opens it are written, rewrapped and destroyed together. With
-- that `matter_key` holds one key for each matter, and nothing need be looked for in it but by the matter. For each matter
-- that is registered one row and six entries of indexes fewer are written.
ALTER TABLE matter_key NO FORCE ROW LEVEL SECURITY;
ALTER TABLE matter_party NO FORCE ROW LEVEL SECURITY;
ALTER TABLE matter_party ADD COLUMN wrapped bytea, ADD COLUMN version int;
UPDATE matter_party p SET wrapped = k.wrapped, version = k.version FROM matter_key k WHERE k.county = p.county AND k.id = p.id;
DELETE FROM matter_key WHERE id <> matter;
ALTER TABLE matter_party ALTER COLUMN version SET NOT NULL, DROP CONSTRAINT matter_party_pkey, ADD PRIMARY KEY (county, matter, id);
DROP INDEX matter_party_matter, matter_key_matter;
ALTER TABLE matter_key DROP COLUMN id, ADD PRIMARY KEY (county, matter);
ALTER TABLE matter_key FORCE ROW LEVEL SECURITY;
ALTER TABLE matter_party FORCE ROW LEVEL SECURITY;
COMMENT ON TABLE matter_key IS 'The data key of a matter, wrapped by the master key of that version. Mutable on purpose: rotation rewraps, erasure sets wrapped to NULL.';
COMMENT ON TABLE matter_party IS 'Name, phone, identity number, address and safe-contact note of a party, sealed under a key of the party''s own, which lies beside them wrapped (NULL once erased); and their masked form.';

-- Nobody handles a matter yet when it is registered.
DROP INDEX matter_handler;
CREATE INDEX matter_handler ON matter (county, handler) WHERE handler IS NOT NULL;

-- The row of a list as before, by a function whose plan is kept: in SQL it was parsed for every statement that wrote a matter.
CREATE TYPE listed_row AS (county text, id uuid, seq int, number text, kind text, state text, open boolean, stock boolean, summary text, unit uuid, centre uuid,
  handler uuid, due_at bigint, lapses int, category text, source text, path text[], received_at bigint, ended_at bigint, sensitive boolean,
  reworks int, rating int, solved boolean, grade text, reply_at bigint, leader uuid, orders jsonb, parts jsonb, own jsonb);
COMMENT ON TYPE listed_row IS 'What matter.listed says of a matter, times in milliseconds.';
CREATE OR REPLACE FUNCTION listed_matter(county text, id uuid, seq int, number text, kind text, state text, open boolean, stock boolean, summary text, unit uuid, centre uuid,
  handler uuid, due_at timestamptz, lapses int, category text, source text, path text[], received_at timestamptz, ended_at timestamptz, sensitive boolean,
  reworks int, rating int, solved boolean, grade text, reply_at timestamptz, leader uuid, orders jsonb, parts jsonb, own jsonb)
RETURNS text LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
  RETURN row_to_json(ROW(county, id, seq, number, kind, state, open, stock, summary, unit, centre, handler, milliseconds(due_at), lapses,
    category, source, path, milliseconds(received_at), milliseconds(ended_at), sensitive, reworks, rating, solved, grade,
    milliseconds(reply_at), leader, orders, parts, own)::listed_row)::text;
END $$;

-- Two counties, one matter: a matter on each side, and messages between them that may come twice.
ALTER TABLE matter ADD COLUMN border jsonb;

CREATE TABLE matter_message (
  county     text COLLATE "C" NOT NULL,
  id         uuid NOT NULL,
  matter     uuid NOT NULL,
  to_county  text COLLATE "C" NOT NULL,
  to_matter  uuid NOT NULL,
  what       text COLLATE "C" NOT NULL CHECK (what IN ('invite', 'agreed', 'ended')),
  region     text COLLATE "C",
  at         timestamptz NOT NULL,
  carried_at timestamptz,
  PRIMARY KEY (county, id)
);
CREATE INDEX matter_message_waiting ON matter_message (county, at) WHERE carried_at IS NULL;
COMMENT ON TABLE matter_message IS 'What a matter tells its other side, written with the action that decided it; a job carries it into the other county and marks it. Carried twice, it is done once.';
ALTER TABLE matter_message ENABLE ROW LEVEL SECURITY;
ALTER TABLE matter_message FORCE ROW LEVEL SECURITY;
CREATE POLICY jobs ON matter_message USING ((SELECT scope_system())) WITH CHECK ((SELECT scope_system()));
CREATE POLICY tell ON matter_message FOR INSERT WITH CHECK (matter = ANY ((SELECT scope_writing())::uuid[]));
GRANT SELECT, INSERT, UPDATE ON matter_message TO yuandian_rights;
CREATE INDEX notice_matter ON notice (county, matter) WHERE matter IS NOT NULL;

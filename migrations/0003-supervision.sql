-- What the loop keeps of clocks that stood still, grades, orders, reviews, papers and parts; and a county's own rules.
ALTER TABLE matter
  ADD COLUMN answered_at timestamptz,
  ADD COLUMN grade text COLLATE "C",
  ADD COLUMN grading jsonb,
  ADD COLUMN leader uuid,
  ADD COLUMN orders jsonb NOT NULL DEFAULT '[]',
  ADD COLUMN reply_at timestamptz,
  ADD COLUMN pause jsonb,
  ADD COLUMN asked jsonb,
  ADD COLUMN rounds int NOT NULL DEFAULT 0,
  ADD COLUMN papers jsonb NOT NULL DEFAULT '[]',
  ADD COLUMN parts jsonb NOT NULL DEFAULT '[]',
  ADD COLUMN whole jsonb;
COMMENT ON COLUMN matter.grade IS 'From special to simple; of the matter, never of a person.';
COMMENT ON COLUMN matter.orders IS 'Reminders, supervision orders and notices: issuer, unit, reply deadline, reply.';
COMMENT ON COLUMN matter.reply_at IS 'The earliest moment by which a unit owes a reply to an order.';

CREATE TABLE county_rule (
  county         text COLLATE "C" NOT NULL REFERENCES county,
  kind           text COLLATE "C" NOT NULL,
  what           text COLLATE "C" NOT NULL,
  effective_from date NOT NULL,
  basis          text NOT NULL,
  value          jsonb NOT NULL,
  PRIMARY KEY (county, kind, what, effective_from)
);
COMMENT ON TABLE county_rule IS 'What a county decides otherwise than the kind: alarms around deadlines, points of grading, chains of signatures; versioned by date, with whose rule it is.';
GRANT SELECT, INSERT, UPDATE ON county_rule TO yuandian_rights;

CREATE TABLE document_number (
  county text COLLATE "C" NOT NULL,
  unit   uuid NOT NULL,
  year   int NOT NULL,
  next   int NOT NULL,
  PRIMARY KEY (county, unit, year)
);
COMMENT ON TABLE document_number IS '文号: without gaps, taken in the transaction that puts the last hand to a paper.';
GRANT SELECT, INSERT, UPDATE ON document_number TO yuandian_rights;

CREATE TABLE notice (
  county text COLLATE "C" NOT NULL,
  id     uuid NOT NULL,
  unit   uuid NOT NULL,
  matter uuid,
  what   text COLLATE "C" NOT NULL,
  at     timestamptz NOT NULL,
  data   jsonb NOT NULL DEFAULT '{}',
  sent_at timestamptz,
  PRIMARY KEY (county, id)
);
CREATE INDEX notice_unit ON notice (county, unit, at DESC);
CREATE INDEX notice_unsent ON notice (county, at) WHERE sent_at IS NULL;
COMMENT ON TABLE notice IS 'What a unit is told: in the console, in a digest, and through whatever ports are attached. Holds ids, never what people wrote.';
ALTER TABLE notice ENABLE ROW LEVEL SECURITY;
ALTER TABLE notice FORCE ROW LEVEL SECURITY;
CREATE POLICY see ON notice FOR SELECT USING (
  (SELECT scope_system())
  OR (unit = ANY ((SELECT scope_units())::uuid[])
      AND (matter IS NULL OR EXISTS (SELECT FROM matter m WHERE m.county = notice.county AND m.id = notice.matter)))
);
CREATE POLICY enter ON notice FOR INSERT WITH CHECK (matter = ANY ((SELECT scope_writing())::uuid[]) OR (SELECT scope_system()));
CREATE POLICY move ON notice FOR UPDATE USING ((SELECT scope_system())) WITH CHECK ((SELECT scope_system()));
GRANT SELECT, INSERT, UPDATE ON notice TO yuandian_rights;

ALTER TABLE person ADD COLUMN noticed_at timestamptz;
COMMENT ON COLUMN person.noticed_at IS 'Until when this person has seen the notices of their units.';

CREATE TABLE drive (
  county     text COLLATE "C" NOT NULL,
  id         uuid NOT NULL,
  name       text NOT NULL,
  target     text NOT NULL,
  lead       uuid NOT NULL,
  units      uuid[] NOT NULL,
  valid_from date NOT NULL,
  valid_to   date NOT NULL,
  made_by    uuid,
  ended_at   timestamptz,
  PRIMARY KEY (county, id)
);
COMMENT ON TABLE drive IS '专班、联合行动: units of several lines work one list of matters with a target and an end date. Holds no matter of its own; who sees which is the matters'' business.';
CREATE TABLE drive_matter (
  county text COLLATE "C" NOT NULL,
  drive  uuid NOT NULL,
  matter uuid NOT NULL,
  PRIMARY KEY (county, drive, matter)
);
GRANT SELECT, INSERT, UPDATE ON drive TO yuandian_rights;
GRANT SELECT, INSERT ON drive_matter TO yuandian_rights;

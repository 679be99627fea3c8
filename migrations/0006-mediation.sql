-- Mediation: what a matter keeps of it, docking with other bodies, hearings; the register of committees and mediators; pay by case.
ALTER TABLE matter ADD COLUMN mediation jsonb;
ALTER TABLE matter ADD COLUMN docks jsonb NOT NULL DEFAULT '[]';
ALTER TABLE matter ADD COLUMN hearings jsonb NOT NULL DEFAULT '[]';
ALTER TABLE matter ADD COLUMN told jsonb NOT NULL DEFAULT '[]';
ALTER TABLE matter ADD COLUMN watch_at timestamptz;
CREATE INDEX matter_watch ON matter (county, watch_at) WHERE watch_at IS NOT NULL;
CREATE INDEX matter_mediated ON matter (county, received_at) WHERE mediation IS NOT NULL;
COMMENT ON COLUMN matter.mediation IS 'Sides, mediators, sittings, agreement with its signatures, performance, confirmation, dossier: ids, dates and sums only. What was said and written lies sealed in the actions.';
COMMENT ON COLUMN matter.watch_at IS 'When somebody is to be told of something besides the deadline; also after the matter has ended.';
COMMENT ON COLUMN matter.told IS 'What was told already, by key: each once.';

ALTER TABLE matter_lookup DROP CONSTRAINT matter_lookup_what_check;
ALTER TABLE matter_lookup ADD CHECK (what IN ('phone', 'identity', 'receipt', 'external', 'side'));

CREATE TABLE committee (
  unit      uuid PRIMARY KEY REFERENCES unit,
  county    text COLLATE "C" NOT NULL REFERENCES county,
  kind      text NOT NULL CHECK (kind IN ('village', 'township', 'enterprise', 'industry', 'studio', 'county')),
  line      text,
  mark      text NOT NULL,
  founded   date,
  term_ends date
);
COMMENT ON TABLE committee IS '人民调解委员会, 个人调解工作室: what the register says besides the unit. Terms are three years (调解法 9).';
COMMENT ON COLUMN committee.mark IS 'The short name in a dossier''s number: （2026）顺店人调字第1号.';

CREATE TABLE mediator (
  county            text COLLATE "C" NOT NULL REFERENCES county,
  id                uuid NOT NULL,
  committee         uuid NOT NULL REFERENCES committee,
  person            uuid REFERENCES person,
  name              text NOT NULL,
  head              boolean NOT NULL DEFAULT false,
  woman             boolean NOT NULL DEFAULT false,
  full_time         boolean NOT NULL DEFAULT false,
  civil_servant     boolean NOT NULL DEFAULT false,
  profession        text NOT NULL DEFAULT 'mediator' CHECK (profession IN ('mediator', 'lawyer', 'counsellor', 'notary', 'policy', 'legal-aid')),
  specialities      text[] NOT NULL DEFAULT '{}',
  languages         text[] NOT NULL DEFAULT '{}',
  free              text NOT NULL DEFAULT '',
  phone             text,
  certificate_until date,
  photo             bytea,
  valid_from        date NOT NULL,
  valid_to          date,
  PRIMARY KEY (county, id),
  CHECK (valid_to IS NULL OR valid_to > valid_from)
);
CREATE UNIQUE INDEX mediator_name ON mediator (committee, name) WHERE valid_to IS NULL;
COMMENT ON TABLE mediator IS 'The public register from which sides choose. Working facts of somebody who serves; no home, no identity number.';

CREATE TABLE village_adviser (
  county     text COLLATE "C" NOT NULL REFERENCES county,
  region     text COLLATE "C" NOT NULL REFERENCES region,
  name       text NOT NULL,
  firm       text NOT NULL,
  phone      text,
  valid_from date NOT NULL,
  valid_to   date,
  PRIMARY KEY (county, region, valid_from)
);
COMMENT ON TABLE village_adviser IS '一村一法律顾问: the lawyer of each village.';

CREATE TABLE dossier_number (
  county text COLLATE "C" NOT NULL,
  unit   uuid NOT NULL,
  year   int NOT NULL,
  next   bigint NOT NULL,
  PRIMARY KEY (county, unit, year)
);
COMMENT ON TABLE dossier_number IS '（年）X人调字第N号 without gaps: taken in the transaction that files the dossier.';

CREATE TABLE pay_batch (
  county      text COLLATE "C" NOT NULL REFERENCES county,
  id          uuid NOT NULL,
  month       date NOT NULL,
  state       text NOT NULL CHECK (state IN ('computed', 'reviewed', 'approved', 'paid')),
  made_by     uuid NOT NULL REFERENCES person,
  made_at     timestamptz NOT NULL,
  reviewed_by uuid REFERENCES person,
  approved_by uuid[] NOT NULL DEFAULT '{}',
  paid_at     timestamptz,
  PRIMARY KEY (county, id),
  UNIQUE (county, month),
  CHECK (reviewed_by IS NULL OR reviewed_by <> made_by),
  CHECK (state NOT IN ('approved', 'paid') OR cardinality(approved_by) >= 2)
);
COMMENT ON TABLE pay_batch IS '以案定补 of a month: computed from filed dossiers, reviewed by another, approved by two.';
CREATE TABLE pay_line (
  county   text COLLATE "C" NOT NULL,
  matter   uuid NOT NULL,
  n        int NOT NULL,
  mediator uuid NOT NULL,
  batch    uuid NOT NULL,
  fen      bigint NOT NULL CHECK (fen >= 0),
  grounds  jsonb NOT NULL,
  appeal   text,
  appealed_by uuid REFERENCES person,
  ruling   text,
  PRIMARY KEY (county, matter, n, mediator),
  FOREIGN KEY (county, batch) REFERENCES pay_batch (county, id)
);
COMMENT ON TABLE pay_line IS 'No case is paid twice: one line for each mediator of each mediation of a matter, ever.';

GRANT SELECT, INSERT, UPDATE ON committee, mediator, village_adviser, dossier_number, pay_batch, pay_line TO yuandian_rights;
GRANT DELETE ON pay_line TO yuandian_rights;

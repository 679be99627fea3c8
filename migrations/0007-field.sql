-- In the field: phones and what they held back; places; plans, the duties that come of them and what was found; teams.
ALTER TABLE matter ADD COLUMN hazard jsonb;
COMMENT ON COLUMN matter.hazard IS 'Orders with their two officers and dates, rectification with its photograph, re-inspections.';

CREATE TABLE device (
  id       uuid PRIMARY KEY,
  person   uuid NOT NULL REFERENCES person,
  token    bytea NOT NULL UNIQUE,
  name     text NOT NULL,
  agent    text NOT NULL,
  made_at  timestamptz NOT NULL,
  seen_at  timestamptz NOT NULL,
  skew     bigint NOT NULL DEFAULT 0,
  ended_at timestamptz,
  ended_by text CHECK (ended_by IN ('signed-out', 'revoked'))
);
CREATE INDEX device_person ON device (person);
COMMENT ON TABLE device IS 'A phone that a person signed in on. No position, no track: only that it was seen.';
COMMENT ON COLUMN device.token IS 'SHA-256 of the token. Rows stay after the end: what was typed before must still find its author.';
COMMENT ON COLUMN device.skew IS 'How far the phone''s clock was ahead of ours when last seen, in milliseconds.';

CREATE TABLE held_item (
  county    text COLLATE "C" NOT NULL REFERENCES county,
  id        uuid NOT NULL,
  person    uuid NOT NULL REFERENCES person,
  device    uuid NOT NULL REFERENCES device,
  at        timestamptz NOT NULL,
  device_at timestamptz NOT NULL,
  code      text NOT NULL,
  details   jsonb NOT NULL DEFAULT '{}',
  words     bytea NOT NULL,
  wrapped   bytea,
  version   int NOT NULL,
  state     text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'sent', 'dropped')),
  settled_at timestamptz,
  PRIMARY KEY (county, id)
);
CREATE INDEX held_person ON held_item (person) WHERE state = 'waiting';
COMMENT ON TABLE held_item IS 'What a phone sent that could not be taken and that the phone can no longer show: kept for its author, sealed.';

CREATE TABLE place (
  county     text COLLATE "C" NOT NULL REFERENCES county,
  id         uuid NOT NULL,
  seq        bigint NOT NULL DEFAULT 1,
  kind       text COLLATE "C" NOT NULL,
  code       text COLLATE "C",
  name       text NOT NULL,
  pinyin     text NOT NULL DEFAULT '',
  region     text COLLATE "C" NOT NULL REFERENCES region,
  path       text[] COLLATE "C" NOT NULL,
  lng        float8,
  lat        float8,
  unit       uuid REFERENCES unit,
  state      text NOT NULL DEFAULT 'working' CHECK (state IN ('working', 'faulty', 'removed')),
  facts      jsonb NOT NULL DEFAULT '{}',
  valid_from date NOT NULL,
  valid_to   date,
  PRIMARY KEY (county, id),
  CHECK ((lng IS NULL) = (lat IS NULL))
);
CREATE UNIQUE INDEX place_code ON place (county, code) WHERE code IS NOT NULL AND valid_to IS NULL;
CREATE INDEX place_region ON place (county, region, kind) WHERE valid_to IS NULL;
COMMENT ON TABLE place IS '点位: schools, shops, water sites, public facilities (部件), check-in points, households, cameras and alarms. A household is a door number, never who lives there; a camera is known to exist and to work, nothing sees through it.';
COMMENT ON COLUMN place.code IS '部件编码 or another public number of the place.';

CREATE TABLE place_pack (
  county text COLLATE "C" NOT NULL,
  region text COLLATE "C" NOT NULL,
  n      bigint NOT NULL,
  PRIMARY KEY (county, region)
);
COMMENT ON TABLE place_pack IS 'Raised with every change of a place of a township: phones hold their places as packs by content.';

CREATE TABLE plan (
  county     text COLLATE "C" NOT NULL REFERENCES county,
  id         uuid NOT NULL,
  sort       text COLLATE "C" NOT NULL CHECK (sort IN ('round', 'visit', 'patrol', 'guard', 'report', 'task')),
  name       text NOT NULL,
  guide      text NOT NULL DEFAULT '',
  unit       uuid NOT NULL REFERENCES unit,
  region     text COLLATE "C" NOT NULL REFERENCES region,
  each       text NOT NULL CHECK (each IN ('county', 'township', 'village', 'grid', 'place')),
  place_kind text COLLATE "C",
  places     uuid[] NOT NULL DEFAULT '{}',
  team       uuid,
  rule       text NOT NULL,
  hours      int NOT NULL CHECK (hours BETWEEN 1 AND 2400),
  key_period boolean NOT NULL DEFAULT false,
  starts     date NOT NULL,
  ends       date,
  made_through timestamptz,
  made_by    uuid REFERENCES person,
  made_at    timestamptz NOT NULL,
  ended_at   timestamptz,
  PRIMARY KEY (county, id)
);
COMMENT ON TABLE plan IS '排查、走访、巡逻、值守计划: what recurs, where, by an RFC 5545 rule; each occurrence is a duty.';
COMMENT ON COLUMN plan.hours IS 'How long after its beginning a duty is due.';
COMMENT ON COLUMN plan.made_through IS 'Until which moment duties were made of it.';

CREATE TABLE duty (
  county    text COLLATE "C" NOT NULL,
  id        uuid NOT NULL,
  seq       int NOT NULL DEFAULT 1,
  plan      uuid,
  sort      text COLLATE "C" NOT NULL,
  name      text NOT NULL,
  region    text COLLATE "C" NOT NULL,
  path      text[] COLLATE "C" NOT NULL,
  place     uuid,
  unit      uuid NOT NULL,
  team      uuid,
  people    uuid[] NOT NULL DEFAULT '{}',
  swaps     jsonb NOT NULL DEFAULT '[]',
  strength  int NOT NULL DEFAULT 0,
  minutes   int,
  opens_at  timestamptz NOT NULL,
  due_at    timestamptz NOT NULL,
  state     text NOT NULL DEFAULT 'due' CHECK (state IN ('due', 'done', 'missed', 'excused')),
  done_at   timestamptz,
  done_by   uuid,
  found     int NOT NULL DEFAULT 0,
  reason    text,
  PRIMARY KEY (county, id),
  CHECK (state <> 'done' OR done_at IS NOT NULL)
);
CREATE INDEX duty_mine ON duty (county, unit, due_at) WHERE state = 'due';
CREATE INDEX duty_due ON duty (county, due_at) WHERE state = 'due';
CREATE INDEX duty_span ON duty (county, due_at);
CREATE INDEX duty_plan ON duty (county, plan, due_at);
CREATE INDEX duty_team ON duty (county, team, due_at) WHERE team IS NOT NULL;
COMMENT ON TABLE duty IS 'One occurrence: due, then done, missed or excused with a reason. Its unit answers for it.';

CREATE TABLE entry (
  county    text COLLATE "C" NOT NULL,
  id        uuid NOT NULL,
  duty      uuid,
  sort      text COLLATE "C" NOT NULL,
  region    text COLLATE "C" NOT NULL,
  path      text[] COLLATE "C" NOT NULL,
  place     uuid,
  unit      uuid NOT NULL,
  post      uuid,
  person    uuid NOT NULL,
  at        timestamptz NOT NULL,
  device_at timestamptz,
  claimed_at timestamptz NOT NULL,
  outcome   text COLLATE "C" NOT NULL CHECK (outcome IN ('nothing', 'findings', 'nobody-there')),
  matters   uuid[] NOT NULL DEFAULT '{}',
  answers   jsonb NOT NULL DEFAULT '{}',
  presence  text COLLATE "C" NOT NULL CHECK (presence IN ('code', 'near', 'none')),
  minutes   int,
  words     bytea,
  wrapped   bytea,
  version   int,
  content   bytea NOT NULL,
  PRIMARY KEY (county, id)
);
CREATE INDEX entry_duty ON entry (county, duty);
CREATE INDEX entry_span ON entry (county, claimed_at);
CREATE INDEX entry_place ON entry (county, place, claimed_at DESC) WHERE place IS NOT NULL;
COMMENT ON TABLE entry IS '排查、走访、巡查记录: what was found at a place, append-only. It says that the place was visited, never where the visitor was besides.';
COMMENT ON COLUMN entry.presence IS 'By the code at the place, by the phone being near it, or unproven. The position itself is not kept.';
CREATE TRIGGER append_only BEFORE DELETE ON entry FOR EACH ROW EXECUTE FUNCTION refuse_change();
-- Only the wrapping of its key changes: rotation rewraps, erasure destroys.
CREATE TRIGGER append_only_but_key BEFORE UPDATE ON entry FOR EACH ROW
  WHEN ((to_jsonb(OLD) - 'wrapped' - 'version') IS DISTINCT FROM (to_jsonb(NEW) - 'wrapped' - 'version')) EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only_all BEFORE TRUNCATE ON entry EXECUTE FUNCTION refuse_change();

CREATE TABLE team (
  county   text COLLATE "C" NOT NULL REFERENCES county,
  id       uuid NOT NULL,
  sort     text COLLATE "C" NOT NULL CHECK (sort IN ('patrol', 'volunteer', 'group')),
  name     text NOT NULL,
  unit     uuid NOT NULL REFERENCES unit,
  region   text COLLATE "C" NOT NULL REFERENCES region,
  strength int NOT NULL DEFAULT 0,
  valid_to date,
  PRIMARY KEY (county, id)
);
COMMENT ON TABLE team IS '巡逻队、志愿队、联户组. Strength: 乡镇 ≥ 15, 村 ≥ 10.';
CREATE TABLE team_member (
  county   text COLLATE "C" NOT NULL,
  team     uuid NOT NULL,
  id       uuid NOT NULL,
  person   uuid REFERENCES person,
  name     text NOT NULL,
  words    bytea NOT NULL,
  wrapped  bytea,
  version  int NOT NULL,
  valid_from date NOT NULL,
  valid_to date,
  PRIMARY KEY (county, team, id),
  FOREIGN KEY (county, team) REFERENCES team (county, id)
);
COMMENT ON COLUMN team_member.name IS 'Masked; the full name and the phone are sealed in words.';

CREATE TABLE certificate (
  county text COLLATE "C" NOT NULL REFERENCES county,
  number text COLLATE "C" NOT NULL,
  person uuid NOT NULL REFERENCES person,
  until  date NOT NULL,
  PRIMARY KEY (county, number)
);
COMMENT ON TABLE certificate IS '行政执法证: whose name may stand under an order to rectify.';

CREATE TABLE listing (
  county   text COLLATE "C" NOT NULL,
  id       uuid NOT NULL,
  place    uuid NOT NULL,
  ground   text COLLATE "C" NOT NULL CHECK (ground IN ('fatal-accident', 'serious-hazard')),
  matter   uuid,
  proposed_by uuid NOT NULL,
  proposed_at timestamptz NOT NULL,
  heard_at timestamptz,
  decided_by uuid,
  decided_at timestamptz,
  until    date,
  appealed_at timestamptz,
  ruled_by uuid,
  upheld   boolean,
  state    text NOT NULL CHECK (state IN ('proposed', 'heard', 'listed', 'refused', 'lifted')),
  words    bytea NOT NULL,
  wrapped  bytea,
  version  int NOT NULL,
  PRIMARY KEY (county, id),
  FOREIGN KEY (county, place) REFERENCES place (county, id),
  CHECK (state <> 'listed' OR (heard_at IS NOT NULL AND until IS NOT NULL AND decided_by <> proposed_by)),
  CHECK (ruled_by IS NULL OR ruled_by <> decided_by)
);
CREATE UNIQUE INDEX listing_open ON listing (county, place) WHERE state IN ('proposed', 'heard', 'listed');
COMMENT ON TABLE listing IS '重点监管单位: an enterprise, on a legal ground only, after it was heard, with an end date and an appeal. Never a person.';

CREATE TABLE footage_request (
  county   text COLLATE "C" NOT NULL,
  id       uuid NOT NULL,
  place    uuid NOT NULL,
  matter   uuid NOT NULL,
  from_at  timestamptz NOT NULL,
  to_at    timestamptz NOT NULL,
  asked_by uuid NOT NULL,
  asked_at timestamptz NOT NULL,
  approved uuid[] NOT NULL DEFAULT '{}',
  state    text NOT NULL CHECK (state IN ('asked', 'approved', 'refused', 'handed', 'expired')),
  ended_at timestamptz,
  words    bytea NOT NULL,
  wrapped  bytea,
  version  int NOT NULL,
  PRIMARY KEY (county, id),
  FOREIGN KEY (county, place) REFERENCES place (county, id),
  CHECK (to_at > from_at),
  CHECK (NOT asked_by = ANY (approved)),
  CHECK (state NOT IN ('approved', 'handed') OR cardinality(approved) >= 2)
);
COMMENT ON TABLE footage_request IS '调取录像: for a matter, authorised by two others, each step in the audit log. The recording itself never passes here.';

-- Who sees duties and entries: those whose places they oversee, and the unit that answers for them.
DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['duty', 'entry'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY see ON %I FOR SELECT USING ((SELECT scope_system()) OR unit = ANY ((SELECT scope_units())::uuid[]) OR path && (SELECT scope_regions()))', t);
    EXECUTE format('CREATE POLICY enter ON %I FOR INSERT WITH CHECK ((SELECT scope_system()))', t);
  END LOOP;
END $$;
CREATE POLICY move ON duty FOR UPDATE USING ((SELECT scope_system()) OR unit = ANY ((SELECT scope_units())::uuid[]) OR path && (SELECT scope_regions()));

GRANT SELECT, INSERT, UPDATE ON device, held_item, place, place_pack, plan, duty, team, team_member, certificate, listing, footage_request TO yuandian_rights;
-- What is kept for somebody is theirs alone.
ALTER TABLE held_item ENABLE ROW LEVEL SECURITY;
ALTER TABLE held_item FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON held_item USING ((SELECT scope_system()) OR person = (SELECT scope_person()));
CREATE POLICY rewrap ON entry FOR UPDATE USING ((SELECT scope_system())) WITH CHECK ((SELECT scope_system()));
GRANT SELECT, INSERT ON entry TO yuandian_rights;
GRANT UPDATE (wrapped, version) ON entry TO yuandian_rights;

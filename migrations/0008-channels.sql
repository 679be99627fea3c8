-- Ways in and out: residents without an account, calls and windows, what leaves the house, other systems, second factors.

-- Whoever holds a receipt code comes with a scope of its own: one matter, and nothing else.
CREATE FUNCTION scope_receipt() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE AS $$ SELECT scope_part(8)::uuid $$;
DROP POLICY see ON matter;
CREATE POLICY see ON matter FOR SELECT USING (
  (SELECT scope_system())
  OR id = ANY ((SELECT scope_writing())::uuid[])
  OR id = (SELECT scope_receipt())
  OR (
    NOT excluded_people @> ARRAY[(SELECT scope_person())]
    AND NOT excluded_units && (SELECT scope_all_units())
    AND CASE WHEN sensitive
      THEN (SELECT scope_person()) = ANY (readers) OR participants && (SELECT scope_keys())
      ELSE participants && (SELECT scope_units()) OR path && (SELECT scope_regions())
    END
  )
);

CREATE INDEX audit_subject ON audit (subject) WHERE subject IS NOT NULL;
COMMENT ON INDEX audit_subject IS 'To whom something was shown: asked by the person concerned (个人信息保护法 44).';

CREATE TABLE county_setting (
  county text COLLATE "C" NOT NULL REFERENCES county,
  name   text COLLATE "C" NOT NULL,
  value  jsonb NOT NULL,
  set_by uuid NOT NULL,
  set_at timestamptz NOT NULL,
  PRIMARY KEY (county, name)
);
COMMENT ON TABLE county_setting IS 'What a county decides of its portal, its quiet hours and its second factors. Each change is in the audit.';

-- ---------------------------------------------------------------------------------------------------------------
-- The portal

CREATE TABLE phone_code (
  county     text COLLATE "C" NOT NULL,
  id         uuid NOT NULL,
  phone      bytea NOT NULL,
  code       bytea NOT NULL,
  tries      int NOT NULL DEFAULT 0,
  expires_at timestamptz NOT NULL,
  proved_at  timestamptz,
  PRIMARY KEY (county, id)
);
CREATE INDEX phone_code_phone ON phone_code (county, phone, expires_at);
COMMENT ON TABLE phone_code IS 'A phone confirmed by a code, where the county wants it: keyed hashes only, swept once they expired.';

CREATE TABLE spent (
  hash       bytea PRIMARY KEY,
  expires_at timestamptz NOT NULL
);
COMMENT ON TABLE spent IS 'What opens a door once and was used: proofs of work, challenges of passkeys, tickets.';

CREATE TABLE publication (
  county     text COLLATE "C" NOT NULL REFERENCES county,
  id         uuid NOT NULL,
  sort       text NOT NULL CHECK (sort IN ('answer', 'figures', 'wish')),
  matter     uuid,
  title      text NOT NULL,
  body       jsonb NOT NULL,
  state      text NOT NULL CHECK (state IN ('draft', 'shown', 'refused', 'taken-down')),
  written_by uuid NOT NULL,
  written_at timestamptz NOT NULL,
  decided_by uuid,
  decided_at timestamptz,
  PRIMARY KEY (county, id),
  CHECK (decided_by IS NULL OR state = 'taken-down' OR decided_by <> written_by),
  CHECK (state <> 'shown' OR decided_at IS NOT NULL)
);
CREATE UNIQUE INDEX publication_once ON publication (county, matter, sort) WHERE state IN ('draft', 'shown');
CREATE INDEX publication_shown ON publication (county, sort, decided_at DESC) WHERE state = 'shown';
COMMENT ON TABLE publication IS 'What stands in the open: answers and wishes without persons, figures. Written by one, released by another.';

CREATE TABLE wish_offer (
  county  text COLLATE "C" NOT NULL,
  id      uuid NOT NULL,
  wish    uuid NOT NULL,
  matter  uuid NOT NULL,
  team    uuid,
  unit    uuid,
  state   text NOT NULL CHECK (state IN ('offered', 'taken', 'declined', 'fulfilled')),
  at      timestamptz NOT NULL,
  decided_by uuid,
  thanks  text,
  words   bytea NOT NULL,
  wrapped bytea,
  version int NOT NULL,
  PRIMARY KEY (county, id)
);
CREATE UNIQUE INDEX wish_offer_taken ON wish_offer (county, wish) WHERE state IN ('taken', 'fulfilled');
COMMENT ON TABLE wish_offer IS 'Somebody offers to fulfil a wish: a unit, a team, or a neighbour whose name and phone are sealed. One is taken.';

CREATE TABLE service_item (
  county text COLLATE "C" NOT NULL REFERENCES county,
  id     uuid NOT NULL,
  name   text NOT NULL,
  sort   text NOT NULL,
  unit   uuid REFERENCES unit,
  body   jsonb NOT NULL,
  errand boolean NOT NULL,
  place  int NOT NULL DEFAULT 0,
  ended_at timestamptz,
  PRIMARY KEY (county, id)
);
COMMENT ON TABLE service_item IS 'The menu of services: papers needed, steps, days, fee, where; and whether the grid worker runs the errand.';

CREATE TABLE reception (
  county text COLLATE "C" NOT NULL REFERENCES county,
  id     uuid NOT NULL,
  unit   uuid NOT NULL REFERENCES unit,
  who    text NOT NULL,
  sort   text NOT NULL CHECK (sort IN ('leader', 'window')),
  at     timestamptz NOT NULL,
  minutes int NOT NULL CHECK (minutes BETWEEN 5 AND 240),
  slots  int NOT NULL CHECK (slots BETWEEN 1 AND 100),
  room   text NOT NULL,
  ended_at timestamptz,
  PRIMARY KEY (county, id)
);
COMMENT ON TABLE reception IS '领导接待日 and windows that can be booked: so many slots of so many minutes.';
CREATE TABLE booking (
  county    text COLLATE "C" NOT NULL,
  id        uuid NOT NULL,
  reception uuid NOT NULL,
  slot      int NOT NULL,
  code      bytea NOT NULL,
  state     text NOT NULL CHECK (state IN ('booked', 'cancelled', 'came', 'missed')),
  at        timestamptz NOT NULL,
  matter    uuid,
  words     bytea NOT NULL,
  wrapped   bytea,
  version   int NOT NULL,
  PRIMARY KEY (county, id),
  FOREIGN KEY (county, reception) REFERENCES reception (county, id)
);
CREATE UNIQUE INDEX booking_slot ON booking (county, reception, slot) WHERE state <> 'cancelled';
CREATE UNIQUE INDEX booking_code ON booking (county, code);
COMMENT ON TABLE booking IS 'One slot, one person; name, phone and what it is about are sealed and destroyed thirty days after the day.';

CREATE TABLE alert (
  county   text COLLATE "C" NOT NULL REFERENCES county,
  id       uuid NOT NULL,
  sort     text NOT NULL CHECK (sort IN ('fraud', 'water', 'fire', 'weather', 'traffic', 'other')),
  level    text NOT NULL CHECK (level IN ('red', 'orange', 'yellow', 'blue')),
  title    text NOT NULL,
  body     text NOT NULL,
  regions  text[] NOT NULL CHECK (cardinality(regions) > 0),
  audience text[] NOT NULL DEFAULT '{}',
  from_at  timestamptz NOT NULL,
  until_at timestamptz NOT NULL,
  made_by  uuid NOT NULL,
  made_at  timestamptz NOT NULL,
  ended_at timestamptz,
  PRIMARY KEY (county, id),
  CHECK (until_at > from_at)
);
CREATE INDEX alert_now ON alert (county, until_at) WHERE ended_at IS NULL;
COMMENT ON TABLE alert IS '预警提示: to areas and groups, with an end. Groups are whom it concerns (parents, the old, students, shops), never a list of people.';
CREATE TABLE alert_seen (
  county text COLLATE "C" NOT NULL,
  alert  uuid NOT NULL,
  token  uuid NOT NULL,
  region text COLLATE "C" NOT NULL,
  PRIMARY KEY (county, alert, token)
);
COMMENT ON COLUMN alert_seen.token IS 'Minted by the browser for this alert alone: counts a reader once, and joins nothing to anything.';

-- 年度群众评议: tickets are drawn by lot; each buys one blind signature (RFC 9474); a ballot carries only that signature.
CREATE TABLE review (
  county   text COLLATE "C" NOT NULL REFERENCES county,
  id       uuid NOT NULL,
  year     int NOT NULL,
  title    text NOT NULL,
  units    uuid[] NOT NULL CHECK (cardinality(units) > 0),
  from_at  timestamptz NOT NULL,
  until_at timestamptz NOT NULL,
  sample   jsonb NOT NULL,
  public_key bytea NOT NULL,
  words    bytea NOT NULL,
  wrapped  bytea,
  version  int NOT NULL,
  made_by  uuid NOT NULL,
  made_at  timestamptz NOT NULL,
  PRIMARY KEY (county, id),
  CHECK (until_at > from_at)
);
COMMENT ON COLUMN review.sample IS 'How the sample was drawn: frame, seed, how many for each stratum, which were drawn. Whoever has it can draw it again.';
COMMENT ON COLUMN review.words IS 'The private key that signs blindly, sealed.';
CREATE TABLE review_ticket (
  county  text COLLATE "C" NOT NULL,
  review  uuid NOT NULL,
  hash    bytea NOT NULL,
  stratum text COLLATE "C" NOT NULL,
  blinded bytea,
  PRIMARY KEY (county, review, hash)
);
COMMENT ON COLUMN review_ticket.blinded IS 'What was signed for this ticket: the same again gives the same signature, another is refused.';
CREATE TABLE review_ballot (
  county text COLLATE "C" NOT NULL,
  review uuid NOT NULL,
  hash   bytea NOT NULL,
  marks  jsonb NOT NULL,
  PRIMARY KEY (county, review, hash)
);
COMMENT ON TABLE review_ballot IS 'No time, no ticket, no address: the hash of a token that was signed blindly, once.';

-- ---------------------------------------------------------------------------------------------------------------
-- Tip-offs: sealed in the browser to one organ's key; the server keeps what it cannot read.

CREATE TABLE tip_organ (
  county  text COLLATE "C" NOT NULL REFERENCES county,
  unit    uuid NOT NULL REFERENCES unit,
  n       int NOT NULL,
  sort    text NOT NULL CHECK (sort IN ('crime', 'official')),
  public_key bytea NOT NULL,
  locked  jsonb NOT NULL,
  made_by uuid NOT NULL,
  made_at timestamptz NOT NULL,
  ended_at timestamptz,
  PRIMARY KEY (county, unit, n)
);
COMMENT ON COLUMN tip_organ.locked IS 'The private key under the organ''s own passphrase (PBKDF2, AES-GCM), made in its browser; the server never sees either.';
CREATE TABLE tip (
  county text COLLATE "C" NOT NULL,
  id     uuid NOT NULL,
  unit   uuid NOT NULL,
  n      int NOT NULL,
  sealed bytea NOT NULL,
  code   bytea NOT NULL,
  day    date NOT NULL,
  state  text NOT NULL CHECK (state IN ('new', 'opened', 'taken', 'not-taken', 'passed-on')),
  replies jsonb NOT NULL DEFAULT '[]',
  PRIMARY KEY (county, id)
);
CREATE UNIQUE INDEX tip_code ON tip (county, code);
COMMENT ON TABLE tip IS '举报线索: in no list, search or count but those of the organ entitled to it. Only the day is kept, no address.';

-- ---------------------------------------------------------------------------------------------------------------
-- Hotline and window

CREATE TABLE call (
  county    text COLLATE "C" NOT NULL,
  id        uuid NOT NULL,
  reference text COLLATE "C" NOT NULL,
  phone     bytea,
  masked    text NOT NULL,
  line      text NOT NULL DEFAULT '',
  arrived_at timestamptz NOT NULL,
  answered_at timestamptz,
  ended_at  timestamptz,
  operator  uuid,
  outcome   text CHECK (outcome IN ('matter', 'answered', 'known', 'silent', 'wrong')),
  matter    uuid,
  knowledge uuid,
  recording text,
  words     bytea NOT NULL,
  wrapped   bytea,
  version   int NOT NULL,
  PRIMARY KEY (county, id)
);
CREATE UNIQUE INDEX call_reference ON call (county, reference);
CREATE INDEX call_time ON call (county, arrived_at DESC);
CREATE INDEX call_phone ON call (county, phone, arrived_at DESC);
COMMENT ON TABLE call IS 'A call as the telephone system tells it: arrived, answered, ended, and where its recording lies there. The number is sealed, found by keyed hash.';

CREATE TABLE queue_ticket (
  county  text COLLATE "C" NOT NULL,
  id      uuid NOT NULL,
  unit    uuid NOT NULL,
  day     date NOT NULL,
  line    text COLLATE "C" NOT NULL,
  n       int NOT NULL,
  state   text NOT NULL CHECK (state IN ('waiting', 'called', 'served', 'gone')),
  counter text,
  at      timestamptz NOT NULL,
  called_at timestamptz,
  ended_at timestamptz,
  called_by uuid,
  PRIMARY KEY (county, id),
  UNIQUE (county, unit, day, line, n)
);
CREATE INDEX queue_waiting ON queue_ticket (county, unit, day, state, at);
COMMENT ON TABLE queue_ticket IS 'A number at a window. It knows no name.';

CREATE TABLE knowledge (
  county   text COLLATE "C" NOT NULL REFERENCES county,
  id       uuid NOT NULL,
  title    text NOT NULL,
  answer   text NOT NULL,
  basis    text NOT NULL DEFAULT '',
  until    date,
  tsv      tsvector NOT NULL,
  used     int NOT NULL DEFAULT 0,
  open     boolean NOT NULL DEFAULT false,
  set_by   uuid NOT NULL,
  set_at   timestamptz NOT NULL,
  ended_at timestamptz,
  PRIMARY KEY (county, id)
);
CREATE INDEX knowledge_tsv ON knowledge USING gin (tsv);
COMMENT ON TABLE knowledge IS '知识库: a question as people ask it, the answer as it may be given, its basis, until when it holds.';

-- ---------------------------------------------------------------------------------------------------------------
-- Out of the house

CREATE TABLE channel (
  county  text COLLATE "C" NOT NULL REFERENCES county,
  name    text NOT NULL CHECK (name IN ('email', 'sms', 'wecom', 'official')),
  config  jsonb NOT NULL,
  secret  bytea,
  version int,
  enabled boolean NOT NULL,
  set_by  uuid NOT NULL,
  set_at  timestamptz NOT NULL,
  PRIMARY KEY (county, name)
);
CREATE TABLE message_template (
  county   text COLLATE "C" NOT NULL REFERENCES county,
  name     text COLLATE "C" NOT NULL,
  channel  text NOT NULL CHECK (channel IN ('email', 'sms', 'wecom', 'official')),
  language text NOT NULL CHECK (language IN ('zh', 'en')),
  carrier  text,
  title    text NOT NULL DEFAULT '',
  body     text NOT NULL,
  set_by   uuid NOT NULL,
  set_at   timestamptz NOT NULL,
  PRIMARY KEY (county, name, channel, language),
  CHECK (channel <> 'sms' OR carrier IS NOT NULL)
);
COMMENT ON COLUMN message_template.carrier IS 'The number under which the carrier or the platform approved it. No SMS goes without.';
CREATE TABLE person_address (
  person   uuid NOT NULL REFERENCES person,
  channel  text NOT NULL CHECK (channel IN ('email', 'sms', 'wecom')),
  sealed   bytea NOT NULL,
  version  int NOT NULL,
  PRIMARY KEY (person, channel)
);
COMMENT ON TABLE person_address IS 'Where a member of staff wants notices sent; set by themselves, sealed.';
CREATE TABLE message_out (
  county   text COLLATE "C" NOT NULL,
  id       uuid NOT NULL,
  channel  text NOT NULL CHECK (channel IN ('email', 'sms', 'wecom', 'official')),
  template text COLLATE "C" NOT NULL,
  language text NOT NULL DEFAULT 'zh',
  matter   uuid,
  party    uuid,
  person   uuid,
  sealed   bytea,
  version  int,
  data     jsonb NOT NULL,
  urgent   boolean NOT NULL DEFAULT false,
  state    text NOT NULL CHECK (state IN ('waiting', 'sending', 'sent', 'dead', 'unknown', 'withheld')),
  reason   text,
  tries    int NOT NULL DEFAULT 0,
  next_at  timestamptz NOT NULL,
  made_at  timestamptz NOT NULL,
  sent_at  timestamptz,
  provider text,
  PRIMARY KEY (county, id)
);
CREATE INDEX message_out_next ON message_out (next_at) WHERE state IN ('waiting', 'sending');
CREATE INDEX message_out_made ON message_out (county, made_at DESC);
COMMENT ON TABLE message_out IS 'The one outbox. Ids only: the address is read when it is sent, so that erasure and a safe-contact note reach what still waits. A code to a phone not yet known is sealed.';
COMMENT ON COLUMN message_out.state IS 'unknown: it may have gone out (the answer was lost): a person decides, nobody is told twice by itself. withheld: a note or a rule forbids it.';

CREATE TABLE channel_mark (
  n      bigint GENERATED ALWAYS AS IDENTITY,
  county text COLLATE "C" NOT NULL,
  matter uuid NOT NULL,
  PRIMARY KEY (county, n)
);
COMMENT ON TABLE channel_mark IS 'Matters that changed in a county that tells somebody outside; taken by the job that writes to the outbox.';
CREATE TABLE announced (
  county text COLLATE "C" NOT NULL,
  matter uuid NOT NULL,
  seq    int NOT NULL,
  PRIMARY KEY (county, matter)
);
COMMENT ON TABLE announced IS 'Up to which action of a matter everybody outside was told.';

CREATE TABLE webhook (
  county  text COLLATE "C" NOT NULL REFERENCES county,
  id      uuid NOT NULL,
  url     text NOT NULL,
  events  text[] NOT NULL,
  secret  bytea NOT NULL,
  version int NOT NULL,
  made_by uuid NOT NULL,
  made_at timestamptz NOT NULL,
  ended_at timestamptz,
  PRIMARY KEY (county, id)
);
CREATE TABLE webhook_delivery (
  county  text COLLATE "C" NOT NULL,
  id      uuid NOT NULL,
  webhook uuid NOT NULL,
  matter  uuid NOT NULL,
  seq     int NOT NULL,
  type    text NOT NULL,
  body    text NOT NULL,
  at      timestamptz NOT NULL,
  state   text NOT NULL CHECK (state IN ('waiting', 'sent', 'dead')),
  tries   int NOT NULL DEFAULT 0,
  next_at timestamptz NOT NULL,
  status  int,
  PRIMARY KEY (county, id),
  UNIQUE (county, webhook, matter, seq)
);
CREATE INDEX webhook_delivery_next ON webhook_delivery (next_at) WHERE state = 'waiting';
COMMENT ON COLUMN webhook_delivery.id IS 'The webhook-id of Standard Webhooks: the same at every try and replay, so that the receiver counts it once.';

CREATE TABLE api_report (
  county text COLLATE "C" NOT NULL,
  matter uuid NOT NULL,
  token  uuid NOT NULL REFERENCES api_token,
  at     timestamptz NOT NULL,
  PRIMARY KEY (county, matter)
);
COMMENT ON TABLE api_report IS 'Matters that came by Open311: by whose key.';

-- ---------------------------------------------------------------------------------------------------------------
-- Other systems and levels

CREATE TABLE peer (
  county  text COLLATE "C" NOT NULL REFERENCES county,
  id      uuid NOT NULL,
  name    text NOT NULL,
  system  text NOT NULL CHECK (system IN ('petition', 'hotline', 'court', 'police', 'other')),
  keys    jsonb NOT NULL,
  url     text,
  pulls   boolean NOT NULL DEFAULT false,
  made_by uuid NOT NULL,
  made_at timestamptz NOT NULL,
  ended_at timestamptz,
  PRIMARY KEY (county, id)
);
CREATE UNIQUE INDEX peer_name ON peer (county, name) WHERE ended_at IS NULL;
COMMENT ON TABLE peer IS 'Another system or level that matters travel to and from: its public keys, and where it listens; without an address it exchanges files.';
CREATE TABLE exchange (
  county text COLLATE "C" NOT NULL,
  id     uuid NOT NULL,
  peer   uuid NOT NULL,
  way    text NOT NULL CHECK (way IN ('in', 'out')),
  matter uuid NOT NULL,
  number text,
  round  int NOT NULL DEFAULT 1,
  state  text NOT NULL CHECK (state IN ('sent', 'accepted', 'declined', 'done', 'withdrawn')),
  told   int NOT NULL DEFAULT 0,
  dock   int,
  at     timestamptz NOT NULL,
  PRIMARY KEY (county, id)
);
CREATE INDEX exchange_matter ON exchange (county, matter);
COMMENT ON TABLE exchange IS 'One matter travelling between two systems. The id is the one both sides call it by.';
CREATE TABLE exchange_message (
  county text COLLATE "C" NOT NULL,
  peer   uuid NOT NULL,
  way    text NOT NULL CHECK (way IN ('in', 'out')),
  id     uuid NOT NULL,
  n      bigint GENERATED ALWAYS AS IDENTITY,
  exchange uuid NOT NULL,
  type   text NOT NULL,
  package text,
  hash   bytea NOT NULL,
  state  text NOT NULL CHECK (state IN ('waiting', 'acknowledged', 'done', 'refused', 'dead')),
  reason text,
  tries  int NOT NULL DEFAULT 0,
  next_at timestamptz,
  at     timestamptz NOT NULL,
  PRIMARY KEY (county, peer, way, id)
);
CREATE INDEX exchange_message_next ON exchange_message (next_at) WHERE way = 'out' AND state = 'waiting';
COMMENT ON TABLE exchange_message IS 'Signed and sealed packages, in and out. The same id a second time is answered as the first was; with other bytes it is refused.';

-- ---------------------------------------------------------------------------------------------------------------
-- Second factors, and signing in by another house's word

ALTER TABLE person ADD COLUMN totp bytea;
ALTER TABLE person ADD COLUMN totp_version int;
ALTER TABLE person ADD COLUMN totp_step bigint;
COMMENT ON COLUMN person.totp IS 'The shared secret of RFC 6238, sealed; totp_step is the last step used, so that a code works once.';
ALTER TABLE session ADD COLUMN factor text;
COMMENT ON COLUMN session.factor IS 'What was shown besides the password: totp, passkey; null: nothing.';
CREATE TABLE passkey (
  id      text COLLATE "C" PRIMARY KEY,
  person  uuid NOT NULL REFERENCES person,
  name    text NOT NULL,
  public_key bytea NOT NULL,
  counter bigint NOT NULL,
  transports text[] NOT NULL DEFAULT '{}',
  made_at timestamptz NOT NULL,
  used_at timestamptz
);
CREATE INDEX passkey_person ON passkey (person);
CREATE TABLE person_identity (
  issuer  text NOT NULL,
  subject text NOT NULL,
  person  uuid NOT NULL REFERENCES person,
  made_at timestamptz NOT NULL,
  PRIMARY KEY (issuer, subject)
);
COMMENT ON TABLE person_identity IS 'Who a subject of an identity provider is here; bound once by name, by its own id ever after.';

-- ---------------------------------------------------------------------------------------------------------------
-- Who reaches what

DO $$
DECLARE t text;
BEGIN
  -- Only the house itself: its routes decide for whom.
  FOREACH t IN ARRAY ARRAY['phone_code', 'message_out', 'channel_mark', 'announced', 'webhook_delivery', 'api_report', 'exchange', 'exchange_message', 'review_ticket', 'review_ballot', 'alert_seen', 'wish_offer', 'booking', 'call'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY house ON %I USING ((SELECT scope_system())) WITH CHECK ((SELECT scope_system()))', t);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO yuandian_rights', t);
  END LOOP;
END $$;
-- A tip is seen by those of its organ who may open what is sensitive, and by nobody else: not by the system either.
ALTER TABLE tip ENABLE ROW LEVEL SECURITY;
ALTER TABLE tip FORCE ROW LEVEL SECURITY;
CREATE FUNCTION scope_tip() RETURNS bytea LANGUAGE sql STABLE PARALLEL SAFE AS
$$ SELECT decode(nullif(current_setting('yd.tip', true), ''), 'hex') $$;
CREATE POLICY see ON tip FOR SELECT USING (unit = ANY ((SELECT scope_keys())::uuid[]) OR code = (SELECT scope_tip()));
CREATE POLICY enter ON tip FOR INSERT WITH CHECK (code = (SELECT scope_tip()));
-- Passing on moves it out of sight: whoever does holds its code for that transaction, so that the new row may be written.
CREATE POLICY move ON tip FOR UPDATE USING (unit = ANY ((SELECT scope_keys())::uuid[])) WITH CHECK (true);
GRANT SELECT, INSERT ON tip TO yuandian_rights;
GRANT UPDATE (state, replies, unit, n, sealed) ON tip TO yuandian_rights;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO yuandian_rights;

GRANT SELECT, INSERT, UPDATE ON county_setting, publication, service_item, reception, alert, review, tip_organ, queue_ticket, knowledge, channel, message_template, webhook, peer, person_identity TO yuandian_rights;
GRANT SELECT, INSERT, UPDATE, DELETE ON spent, person_address, passkey TO yuandian_rights;

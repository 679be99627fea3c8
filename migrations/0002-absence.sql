-- Somebody away is replaced: for the days of an absence the substitute acts by the post as well.
CREATE TABLE absence (
  id         uuid PRIMARY KEY,
  post       uuid NOT NULL REFERENCES post,
  substitute uuid NOT NULL REFERENCES person,
  valid_from date NOT NULL,
  valid_to   date NOT NULL,
  ended_at   timestamptz,
  CHECK (valid_to > valid_from)
);
CREATE INDEX absence_post ON absence (post);
CREATE INDEX absence_substitute ON absence (substitute);
COMMENT ON TABLE absence IS 'From valid_from until the day before valid_to the substitute holds the rights of the post beside its holder. What is done by it names the post and the person who did it.';
GRANT SELECT, INSERT, UPDATE ON absence TO yuandian_rights;

-- Standing agreements between neighbouring regions: by which terms matters across the border are shared.
CREATE TABLE border_agreement (
  county     text COLLATE "C" NOT NULL,
  id         uuid NOT NULL,
  neighbour  text NOT NULL,
  title      text NOT NULL,
  terms      text NOT NULL,
  valid_from date NOT NULL,
  valid_to   date,
  made_by    uuid,
  PRIMARY KEY (county, id),
  CHECK (valid_to IS NULL OR valid_to > valid_from)
);
COMMENT ON TABLE border_agreement IS '联防联调协议: with a neighbour that may run this system, another or none.';
GRANT SELECT, INSERT, UPDATE ON border_agreement TO yuandian_rights;

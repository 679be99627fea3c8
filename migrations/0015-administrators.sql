-- What an auditor asks: what this person did, and who did such a thing; the newest first, however long ago.
CREATE INDEX audit_person ON audit (person, at, n);
CREATE INDEX audit_what ON audit (what, at, n);
CREATE INDEX audit_missed ON audit (at, n) WHERE result <> 'done';

-- Three administrators apart: who makes accounts and posts (system) does not grant what goes beyond a unit's ordinary work.
ALTER TABLE post ADD COLUMN pending boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN post.pending IS 'Asked for by the system administrator, not yet granted by the security administrator: to open what is sensitive, or an administrator''s or auditor''s post, which does not count until then.';

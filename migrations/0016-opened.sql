-- Old records run no clock until someone opens them; from then on none counts from before.
ALTER TABLE matter ADD COLUMN opened_at timestamptz;
COMMENT ON COLUMN matter.opened_at IS 'When someone opened what had lain as stock.';

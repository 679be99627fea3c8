-- Search, made anew: lexemes are pairs of neighbouring units now (第77, 77号), so everything is indexed once more, in the
-- background, by the job that follows every write.
SELECT set_config('yd.scope', '|||||on|', true);
INSERT INTO matter_change (county, matter) SELECT county, id FROM matter;
SELECT set_config('yd.scope', '', true);

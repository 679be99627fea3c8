-- What was written down wrongly of somebody is put right by whoever writes on the matter; removed is nobody but by erasure.
ALTER POLICY move ON matter_party
  USING ((SELECT scope_system()) OR matter = ANY ((SELECT scope_writing())::uuid[]))
  WITH CHECK ((SELECT scope_system()) OR matter = ANY ((SELECT scope_writing())::uuid[]));
ALTER POLICY leave ON matter_lookup USING ((SELECT scope_system()) OR matter = ANY ((SELECT scope_writing())::uuid[]));

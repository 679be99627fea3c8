-- Every search also reads the index's list of what was not merged yet: kept short, it costs a millisecond instead of twenty.
ALTER INDEX matter_search_tsv SET (gin_pending_list_limit = 256);

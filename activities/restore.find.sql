select exists (from memory where memory_id = $memory_id) as held,
  sha256($memory_id) in (select id_hash from forgotten) as forgotten,
  (select fate from fate where memory_id = $memory_id) as fate,
  (select retrievability from trace_at($as_of) where memory_id = $memory_id) as retrievability

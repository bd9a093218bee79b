update llm_cache set used = (select max(used) + 1 from llm_cache)
where key in (select unnest(from_json($keys, '["VARCHAR"]')))

-- What was used last already is left as it is: the same statement again writes nothing.
update llm_cache set used = (select max(used) + 1 from llm_cache)
where used < (select max(used) from llm_cache) and key in (select unnest(from_json($keys, '["VARCHAR"]')))

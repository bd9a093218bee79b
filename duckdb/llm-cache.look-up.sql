select key, text, embedding from llm_cache where key in (select unnest(from_json($keys, '["VARCHAR"]')))

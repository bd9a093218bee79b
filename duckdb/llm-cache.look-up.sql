-- A number that no float can hold is stored as NULL; such a vector is none.
select key, text, embedding from llm_cache
where key in (select unnest(from_json($keys, '["VARCHAR"]'))) and (text is not null or len(embedding) = list_count(embedding))

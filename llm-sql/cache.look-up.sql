-- A number that no float can hold is stored as NULL; such a vector is none. A text of blanks was kept as an answer once.
select key, text, embedding from llm_cache
where key in (select unnest(from_json($keys, '["VARCHAR"]'))) and (regexp_matches(text, '\S') or len(embedding) = list_count(embedding))

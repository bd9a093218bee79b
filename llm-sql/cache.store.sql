-- Two statements may have asked the same at once: the first answer stays, unless look-up passes over it.
insert into llm_cache
select a.key, a.model, a.text, a.embedding, a.promptTokens, a.answerTokens,
  64 + strlen(a.model) + coalesce(strlen(a.text), 0) + 4 * coalesce(len(a.embedding), 0),
  (select coalesce(max(used), 0) + 1 from llm_cache)
from (
  select distinct on (answer.key) answer as a from (select unnest(from_json($answers, '[{"key": "VARCHAR", "model": "VARCHAR", "text": "VARCHAR", "embedding": "FLOAT[]",
    "promptTokens": "INTEGER", "answerTokens": "INTEGER"}]')) as answer)
)
on conflict (key) do update set text = excluded.text, embedding = excluded.embedding, prompt_tokens = excluded.prompt_tokens,
  answer_tokens = excluded.answer_tokens, bytes = excluded.bytes, used = excluded.used
where not coalesce(regexp_matches(llm_cache.text, '\S'), len(llm_cache.embedding) = list_count(llm_cache.embedding))

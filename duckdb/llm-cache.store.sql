-- Two statements may have asked the same at once: the first answer stays.
insert or ignore into llm_cache
select a.key, a.model, a.text, a.embedding, a.promptTokens, a.answerTokens,
  64 + strlen(a.model) + coalesce(strlen(a.text), 0) + 4 * coalesce(len(a.embedding), 0),
  (select coalesce(max(used), 0) + 1 from llm_cache)
from (
  select unnest(from_json($answers, '[{"key": "VARCHAR", "model": "VARCHAR", "text": "VARCHAR", "embedding": "FLOAT[]",
    "promptTokens": "INTEGER", "answerTokens": "INTEGER"}]')) as a
)

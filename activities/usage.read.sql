-- What the cycle has taken of its budget so far, and what this step has.
select coalesce(sum(calls), 0)::int as spent_calls, coalesce(sum(prompt_tokens), 0)::double as spent_prompt_tokens,
  coalesce(sum(answer_tokens), 0)::double as spent_answer_tokens, coalesce(sum(seconds), 0)::double as spent_seconds,
  coalesce(sum(calls) filter (where step = $step), 0)::int as calls,
  coalesce(sum(cached) filter (where step = $step), 0)::int as cached,
  coalesce(sum(prompt_tokens) filter (where step = $step), 0)::double as prompt_tokens,
  coalesce(sum(answer_tokens) filter (where step = $step), 0)::double as answer_tokens,
  coalesce(sum(seconds) filter (where step = $step), 0)::double as seconds,
  any_value(reader) filter (where step = $step) as reader,
  coalesce(sum(waiting) filter (where step = $step), 0)::int as waiting,
  coalesce(sum(failed) filter (where step = $step), 0)::int as failed,
  coalesce(sum(unfit) filter (where step = $step), 0)::int as unfit,
  coalesce(sum(embed_calls) filter (where step = $step), 0)::int as embed_calls,
  coalesce(sum(waiting_for_embedding) filter (where step = $step), 0)::int as waiting_for_embedding
from llm_usage where cycle_id = $cycle_id

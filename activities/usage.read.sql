-- What each step of the cycle has taken of its budget so far. Summed by who reads it: fifteen sums take longer to plan than to count.
select step = $step as is_own, calls, cached, prompt_tokens::double as prompt_tokens, answer_tokens::double as answer_tokens, seconds,
  reader, waiting, failed, unfit, embed_calls, waiting_for_embedding
from llm_usage where cycle_id = $cycle_id
order by step

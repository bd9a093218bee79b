insert or replace into llm_usage by name
select $cycle_id as cycle_id, $step as step, $reader as reader, $calls::integer as calls, $cached::integer as cached,
  $prompt_tokens::bigint as prompt_tokens, $answer_tokens::bigint as answer_tokens, $seconds::double as seconds,
  $failed::integer as failed, $unfit::integer as unfit, $waiting::integer as waiting, $embed_calls::integer as embed_calls,
  $waiting_for_embedding::integer as waiting_for_embedding

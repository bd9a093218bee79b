-- A step's counts, and where a model was asked what that took; a merge patch leaves out what is null.
select cycle_id || ' ' || step as key, to_json({
  'cycle_id': cycle_id, 'step': step, 'as_of': as_of || 'Z',
  'counts': case when u.step is null then counts else json_merge_patch(counts, to_json({
    'model_calls': nullif(u.calls, 0), 'model_cached': nullif(u.cached, 0),
    'model_hit_rate': nullif(round(u.cached / nullif(u.calls + u.cached, 0), 2), 0), 'model_prompt_tokens': nullif(u.prompt_tokens, 0),
    'model_answer_tokens': nullif(u.answer_tokens, 0), 'model_seconds': nullif(u.seconds, 0),
    'model_failed': nullif(u.failed, 0), 'model_unfit': nullif(u.unfit, 0), 'waiting_for_model': nullif(u.waiting, 0), 'embed_calls': nullif(u.embed_calls, 0),
    'waiting_for_embedding': nullif(u.waiting_for_embedding, 0) })) end })::varchar as row
from ledger left join llm_usage u using (cycle_id, step)
where (as_of > $since::timestamp or as_of = $as_of::timestamp) and cycle_id || ' ' || step > $after
order by key limit $limit

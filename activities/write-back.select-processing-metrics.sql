-- A step's counts, where a model was asked what that took, and which rows were passed over; a merge patch leaves out what is null.
with named as (
  select step, changed_at, list({'id': left(replace(memory_id, chr(0), '�'), 100), 'column': column_name, 'reason': reason, 'rows': rows}
    order by first_seen_at desc, memory_id nulls first, column_name)[:5] as rejected_rows
  from rejected_row group by step, changed_at
)
select cycle_id || ' ' || step as key, to_json({
  'cycle_id': cycle_id, 'step': step, 'as_of': as_of || 'Z', 'parameters': parameters,
  'counts': json_merge_patch(counts, to_json({
    'model_calls': nullif(u.calls, 0), 'model_cached': nullif(u.cached, 0),
    'model_hit_rate': nullif(round(u.cached / nullif(u.calls + u.cached, 0), 2), 0), 'model_prompt_tokens': nullif(u.prompt_tokens, 0),
    'model_answer_tokens': nullif(u.answer_tokens, 0), 'model_seconds': nullif(u.seconds, 0),
    'model_failed': nullif(u.failed, 0), 'model_unfit': nullif(u.unfit, 0), 'waiting_for_model': nullif(u.waiting, 0), 'embed_calls': nullif(u.embed_calls, 0),
    'waiting_for_embedding': nullif(u.waiting_for_embedding, 0), 'rejected_rows': n.rejected_rows })) })::varchar as row
from ledger left join llm_usage u using (cycle_id, step) left join named n on n.step = ledger.step and n.changed_at = ledger.as_of
where (as_of > $since::timestamp or as_of = $as_of::timestamp) and cycle_id || ' ' || ledger.step > $after
order by key limit $limit

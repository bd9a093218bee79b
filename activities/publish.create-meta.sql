-- base_id: which base this is, or which one these additions go on from; first_number: of a memory that is not in the base; newest_at:
-- when the newest memory was written; parameters: the hash of those with which the newest cycle was lived; session_silence_ms: after a
-- longer one an agent's next memory begins another session.
create table recall.meta as
select $format::integer as format, $base_id as base_id, $first_number::integer as first_number, $cycle_id as cycle_id,
  $as_of::timestamp as as_of, (select max(updated_at) from raw_memory where deleted_at is null) as newest_at, $model as model,
  (select max_by(parameters, as_of) from ledger) as parameters,
  epoch_ms(to_seconds(60 * stm_duration_minutes()))::integer as session_silence_ms

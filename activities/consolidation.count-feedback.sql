-- What this cycle has folded, in whichever of its nights.
select count(*) filter (where kind = 'used' and r.memory_id is not null)::int as recalls_used,
  count(*) filter (where kind = 'wrong')::int as recalls_wrong,
  count(*) filter (where kind = 'used' and r.memory_id is null)::int as recalls_passed_over
from recall_feedback f left join raw_memory r on r.memory_id = f.memory_id and r.deleted_at is null
where folded_in = $cycle_id

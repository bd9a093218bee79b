select cycle_id || ' ' || step as key,
  to_json({'cycle_id': cycle_id, 'step': step, 'as_of': as_of || 'Z', 'counts': counts})::varchar as row
from ledger
where (as_of > $since::timestamp or as_of = $as_of::timestamp) and cycle_id || ' ' || step > $after
order by key limit $limit

-- What nights have made of some memories, which their present rows do not tell.
select memory_id as id, m.fate, t.retrievability
from memory m left join (from trace_at($as_of)) t using (memory_id)
where memory_id in (select unnest(from_json($ids, '["VARCHAR"]')))

-- What is shown of some memories, by their numbers: how well each is remembered is as of the question. The bounds let DuckDB pass over
-- what lies outside of them; `in` with a list alone reads the whole column.
with asked as (
  select unnest(from_json($numbers, '["INTEGER"]')) as n
)
select m.n, m.memory_id, m.agent, m.content, m.context, m.tags, m.created_at, m.importance, m.fate, m.why, m.episode_id,
  t.retrievability
from memory m
left join (from trace_at($as_of) where n between $first and $last) t using (n)
where n between $first and $last and n in (from asked)

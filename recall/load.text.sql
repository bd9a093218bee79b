-- The texts beside it, each column as one JSON array: a hundredth of the calls that a row each would take.
select to_json(list(memory_id order by n)) as ids, to_json(list(agent order by n)) as agents,
  to_json(list(speaker order by n)) as speakers, to_json(list(to_json(tags)::varchar order by n)) as tags
from memory
where n between $first and $last

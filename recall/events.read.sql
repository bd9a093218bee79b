-- A recall's memories in the order of its answer, each with its grade; of whichever target it was.
select given.target, given.memory_id, grade.kind as grade
from dreams.recall_events given
left join dreams.recall_events grade
  on grade.target = given.target and grade.recall_id = given.recall_id and grade.memory_id = given.memory_id and grade.kind <> 'recalled'
where given.recall_id = $1 and given.kind = 'recalled'
order by given.rank

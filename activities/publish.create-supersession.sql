-- Of memories that are there; the sentence is one of the newer one's present wording.
create table recall.supersession as
select s.newer, s.older, s.sentence, s.score, s.made_by
from supersession s
join recall.memory n on n.memory_id = s.newer
join recall.memory o on o.memory_id = s.older
where contains(n.content, s.sentence)
order by s.older, s.newer

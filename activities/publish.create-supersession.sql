-- Of memories that are there; the sentence is one of the newer one's present wording. All of them or none, as of gists.
create table recall.supersession as
select s.newer, s.older, s.sentence, s.score, s.made_by
from supersession s
join raw_memory n on n.memory_id = s.newer and n.deleted_at is null
join raw_memory o on o.memory_id = s.older and o.deleted_at is null
where contains(n.content, s.sentence) and exists (from publishing where part = 'supersession')
order by s.older, s.newer

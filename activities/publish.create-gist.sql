-- All of them or none, also among the additions: they are few, and those that vanish leave no trace.
create table recall.gist as
select g.gist_id as id, 'gist' as kind, g.semantic_gist as content, g.semantic_category as theme, g.made_by, g.changed_at,
  list(m.memory_id order by m.position) as members
from gist g join gist_member m using (gist_id)
where exists (from publishing where part = 'gist') and gist_id not in (from bereft_learned) group by all
union all
select i.insight_id, 'insight', i.content, i.theme, i.made_by, i.changed_at, list(m.memory_id order by m.position)
from insight i join insight_member m using (insight_id)
where exists (from publishing where part = 'gist') and insight_id not in (from bereft_learned) group by all
order by kind, id

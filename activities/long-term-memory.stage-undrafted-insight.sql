-- Themes that the rules have not answered as they rest now, the strongest first.
create or replace temp table unread as
select w.insight_id as id, 'new' as why, row_number() over (order by w.strength desc, w.insight_id)::integer as place
from wanted_insight w
left join insight_draft d on d.theme_id = w.insight_id
where d.made_by is distinct from $rules

-- A theme that says nothing has no insight; of the others the strongest stay.
create or replace temp table wanted_insight as
from wanted_insight where insight_id not in (select unnest(from_json($ids, '["VARCHAR"]')))
order by strength desc, theme, insight_id
limit insight_limit()

select w.insight_id as id, w.scope, w.theme, w.strength, d.content
from wanted_insight w join insight_draft d on d.theme_id = w.insight_id
order by w.strength desc, w.insight_id

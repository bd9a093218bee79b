select insight_id as id, scope, theme, strength, content from wanted_insight join insight_draft using (insight_id)
order by strength desc, insight_id

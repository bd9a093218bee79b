delete from insight_draft where theme_id not in (select insight_id from wanted_insight)

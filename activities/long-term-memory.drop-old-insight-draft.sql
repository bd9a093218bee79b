delete from insight_draft where insight_id not in (select insight_id from wanted_insight)

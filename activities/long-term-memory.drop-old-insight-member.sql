delete from insight_member where insight_id not in (select insight_id from wanted_insight)

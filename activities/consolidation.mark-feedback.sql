update recall_feedback set folded_in = $cycle_id
where (recall_id, memory_id) in (select (recall_id, memory_id) from feedback_now)

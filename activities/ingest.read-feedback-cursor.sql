select strftime(max(recorded_at), '%Y-%m-%d %H:%M:%S.%f') as since from recall_feedback

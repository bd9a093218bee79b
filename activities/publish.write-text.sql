insert or replace into recall_text
select unnest(from_json($texts, '[{"memory_id": "VARCHAR", "content_hash": "VARCHAR", "version": "INTEGER", "terms": ["UINTEGER"],
  "speaker": "VARCHAR", "asks": "BOOLEAN", "tells_time": "BOOLEAN", "tells_number": "BOOLEAN", "wording": "BIGINT"}]'), recursive := true)

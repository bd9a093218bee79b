-- What says nothing has no gist.
delete from wanted_gist where gist_id in (select unnest(from_json($ids, '["VARCHAR"]')))

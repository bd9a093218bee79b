delete from gist where gist_id not in (select gist_id from wanted_gist)

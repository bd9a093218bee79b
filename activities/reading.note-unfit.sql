-- How often one model gave a useless answer; another one starts from nothing.
insert into llm_unfit by name
select $task as task, unnest(from_json($ids::json, '["VARCHAR"]')) as id, $signature as made_by, 1 as tries
on conflict (task, id) do update set
  tries = case when llm_unfit.made_by = excluded.made_by then llm_unfit.tries + 1 else 1 end, made_by = excluded.made_by

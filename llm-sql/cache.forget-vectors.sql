delete from llm_cache where model = $model and embedding is not null

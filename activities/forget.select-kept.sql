-- What is kept, a row for each memory, in one text: what stands here is no trace of another.
select to_json({'id': memory_id, 'agent': agent, 'content': content, 'context': context, 'tags': tags, 'metadata': metadata::varchar})::varchar as row
from raw_memory anti join forgetting using (memory_id)

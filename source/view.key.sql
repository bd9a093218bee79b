-- Who the rows of the agents' table are and when they were written. `fault` says why a row cannot be taken, by field and reason.
create or replace temp view source_key as
with timed as (
  select *, id as memory_id, storable_time(created) as created_at, storable_time(updated) as touched_at from source_column
)
select * exclude (id, created, updated), coalesce(touched_at, created_at) as written_at,
  case
    when not id_given then {'field': 'id', 'reason': 'is NULL'}
    when memory_id is null then {'field': 'id', 'reason': 'holds bytes that are no UTF-8'}
    when memory_id = '' then {'field': 'id', 'reason': 'is empty'}
    when unstorable_name(memory_id) is not null then {'field': 'id', 'reason': unstorable_name(memory_id)}
    when not created_given then {'field': 'created_at', 'reason': 'is NULL'}
    when created_at is null then {'field': 'created_at', 'reason': 'is no time from the year 1 to 9999'}
    when updated_given and touched_at is null then {'field': 'updated_at', 'reason': 'is no time from the year 1 to 9999'}
  end as fault
from timed

-- Rows of the agents' table that are new or changed since the watermark and written by asOf. Ten minutes are read again,
-- for transactions that committed late; what is already here with the same text and time drops out.
create or replace temp table source_change as
with read as (
  select * from source_memory
  where updated_raw > $since::timestamptz - interval 10 minute and updated_raw <= $as_of::timestamptz
  union all
  select * from source_memory
  where updated_raw is null
    and created_raw > $since::timestamptz - interval 10 minute and created_raw <= $as_of::timestamptz
), hashed as (
  select memory_id, agent, content, context, tags, metadata, created_at, updated_at, written_at, md5(content) as content_hash
  from read where timed
)
select h.*, r.memory_id is null as is_new
from hashed h
left join raw_memory r on r.memory_id = h.memory_id
where r.memory_id is null or r.deleted_at is not null
  or r.content_hash <> h.content_hash or r.updated_at <> h.updated_at

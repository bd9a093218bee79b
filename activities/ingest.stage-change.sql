-- Rows that are new or unlike what is kept, and those that cannot be taken (`fault`), written since the watermark and by asOf.
-- Ten minutes are read again, for transactions that committed late.
create or replace temp table source_change as
select s.*, md5(s.content) as content_hash, r.memory_id is null as is_new
from source_memory s
join source_row k on k.memory_id = s.memory_id and k.due and k.fault is null
left join raw_memory r on r.memory_id = s.memory_id
where s.written_at > $since::timestamp - interval 10 minute and s.written_at <= $as_of::timestamp
  and (s.fault is not null or r.memory_id is null or r.deleted_at is not null
    or row_hash(s.agent, s.content, s.context, s.tags, s.metadata, s.updated_at)
      <> row_hash(r.agent, r.content, r.context, r.tags, r.metadata, r.updated_at))

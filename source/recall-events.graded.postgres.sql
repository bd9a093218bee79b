-- Of what use recalls were to whoever asked, as far as it was written after a time.
select recall_id::text as recall_id, memory_id::text as memory_id, kind::text as kind, rank::integer as rank,
  asked_at::timestamptz as asked_at, noted_at::timestamptz as noted_at, recorded_at::timestamptz as recorded_at
from dreams.recall_events
where target = $target and kind in ('used', 'wrong') and recorded_at > $after::timestamptz
  and rank is not null and asked_at is not null and noted_at is not null

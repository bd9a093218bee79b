-- Rows that were changed since the last file was published, or by this cycle, which may be one of the past.
with since as (
  select coalesce((select max(as_of) from ledger where step = $step), '-infinity'::timestamp) as since
), changed as (
  select changed_at from raw_memory union all select changed_at from feature union all select changed_at from embedding
  union all select changed_at from trace union all select changed_at from fate union all select changed_at from association
  union all select changed_at from episode union all select changed_at from network union all select changed_at from gist
  union all select changed_at from insight
)
select count(*)::int as changed from changed, since where changed_at > since or changed_at = $as_of::timestamp

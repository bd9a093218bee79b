select
  (select count(*) from episode where changed_at = $as_of::timestamp)::int as episodes,
  (select count(*) from readiness where ready_for_consolidation and changed_at = $as_of::timestamp)::int as ready,
  (select count(*) from association where changed_at = $as_of::timestamp)::int as associations

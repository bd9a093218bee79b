select
  (select count(*) from gist where changed_at = $as_of::timestamp)::int as gists,
  (select count(*) from insight where changed_at = $as_of::timestamp)::int as insights

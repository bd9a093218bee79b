-- Gists first, those of the largest communities before others, then insights by strength.
select id from (
  select g.gist_id as id, 0 as kind, count(*)::double as weight from gist g join gist_member using (gist_id) group by g.gist_id
  union all
  select insight_id, 1, strength from insight)
order by kind, weight desc, id
limit $limit

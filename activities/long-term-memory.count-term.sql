-- How many memories have each of some terms, and how many there are.
with term as (
  select unnest(list_distinct(terms)) as term from recall_text
)
select term::double as term, count(*)::double as memories, (select count(*) from recall_text)::double as total
from term
where term in (select unnest(from_json($terms, '["UINTEGER"]')))
group by term

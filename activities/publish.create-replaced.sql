-- What of the base is no longer true, by the number that the memory has there: one that is gone is in each part. Of an episode it is the
-- id; gists and supersessions are replaced all together. A base replaces nothing.
create table recall.replaced as
select unnest(case part when 'gone' then ['memory', 'text', 'trace'] else [part] end) as part, base_n as n, memory_id as id
from publishing left join numbered using (memory_id)
where not $whole and (base_n is not null or part in ('episode', 'gist', 'supersession'))
order by 1, 2, 3

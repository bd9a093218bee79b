-- What an insight is made from: its members, oldest first; which of them are alike by meaning; which has replaced which; how rare their
-- words are. How alike is counted from what two memories of the scope usually are, which depends on the model.
with pending as materialized (
  select u.id, u.place, u.why, w.* from (from unread where place > $after and (why <> 'waiting' or $asks) order by place limit $limit) u
  join wanted_insight w on w.insight_id = u.id
), part as materialized (
  select p.id, p.scope, m.memory_id, m.agent, left(m.content, 2000) as content, m.kind, m.created_at,
    row_number() over (partition by p.id order by m.created_at, m.memory_id)::integer - 1 as position
  from (select id, scope, unnest(members) as memory_id from pending) p join memory m using (memory_id)
), memories as (
  select id, list({'content': content, 'kind': kind, 'createdAt': strftime(created_at, '%Y-%m-%dT%H:%M:%S.%gZ')} order by position) as memories,
    list_sort(list(distinct agent)) as writers
  from part group by id
), drawn as (
  select scope_of(m.agent, m.metadata) as scope, m.memory_id, e.model, e.vector from embedding e join memory m using (memory_id)
  where e.part = 0 and scope in (select scope from pending)
  qualify row_number() over (partition by scope, e.model order by hash(m.memory_id), m.memory_id) <= 40
), usual as (
  select a.scope, a.model, avg(list_inner_product(a.vector, b.vector)) as cosine
  from drawn a join drawn b on b.scope = a.scope and b.model = a.model and b.memory_id <> a.memory_id group by a.scope, a.model
), near as (
  select a.id, a.position as first, b.position as second,
    max((list_inner_product(x.vector, y.vector) - u.cosine) / (1 - u.cosine)) as alike
  from part a
  join part b on b.id = a.id and b.position > a.position
  join embedding x on x.memory_id = a.memory_id
  join embedding y on y.memory_id = b.memory_id and y.model = x.model
  join usual u on u.scope = a.scope and u.model = x.model
  group by a.id, a.position, b.position
), alike as (
  select id, list([first, second, round(alike, 3)] order by first, second) as alike from near where alike > 0 group by id
), change as (
  select a.id, list({'newer': a.position, 'older': b.position, 'sentence': s.sentence} order by s.score desc, s.newer, s.older) as changes
  from part a join standing s on s.newer = a.memory_id join part b on b.id = a.id and b.memory_id = s.older
  group by a.id
), word as (
  select distinct p.id, unnest(t.terms) as term from part p join recall_text t using (memory_id)
), counted as (
  select term, count(*) as memories from (select unnest(list_distinct(terms)) as term from recall_text)
  where term in (select term from word) group by term
), words as (
  select w.id, list([w.term::bigint, c.memories] order by w.term) as found from word w join counted c using (term) group by w.id
)
select p.id, p.place, p.why, p.scope, p.theme, p.is_tag, m.writers::json as writers, p.strength, m.memories::json as memories,
  coalesce(a.alike, [])::json as alike, coalesce(c.changes, [])::json as changes,
  {'total': (select count(*) from recall_text), 'found': coalesce(w.found, [])}::json as words
from pending p join memories m using (id) left join alike a using (id) left join change c using (id) left join words w using (id)
order by p.place

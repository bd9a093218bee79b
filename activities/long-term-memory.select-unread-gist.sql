-- What a gist is made from: its members, most central first; how alike each two are by meaning, where every one has a vector; how rare
-- their words are; and the phrases that set them apart, by class tf-idf (Grootendorst 2022): frequent here, by more than elsewhere. A
-- phrase of several words counts more; one that every memory has sets nothing apart, and one that is mostly elsewhere little.
with pending as (
  select u.place, u.why, w.*
  from (from unread where place > $after and (why <> 'waiting' or $asks) order by place limit $limit) u
  join wanted_gist w on w.gist_id = u.id
), part as (
  select gist_id, members, unnest(members) as memory_id, unnest(range(1, len(members) + 1)) as position from pending
), frequency as (
  select entity, count(*) as df from mention group by entity
), phrase as (
  select g.gist_id, m.entity, arg_min(m.label, (len(m.label), m.label)) as label,
    count(*) * ln(1 + count(*) / len(any_value(g.members)) / (any_value(f.df) / (select count(*) from memory)))
      * (1 - any_value(f.df) / (select count(*) from memory)) * sqrt(count(*) / any_value(f.df))
      * if(contains(arg_min(m.label, (len(m.label), m.label)), ' '), gist_pair_weight(), 1) as weight
  from part g join mention m using (memory_id) join frequency f using (entity)
  where m.type <> 'date'
  group by g.gist_id, m.entity
  having count(*) >= greatest(gist_phrase_min_members(), len(any_value(g.members)) / 5)
), top_phrase as (
  select gist_id, list(label order by weight desc, entity)[:gist_phrases()] as phrases from phrase group by gist_id
), member as (
  select g.gist_id, list({'content': m.gist} order by g.position)[:gist_read_members()] as members
  from part g join memory m using (memory_id) group by g.gist_id
), candidate as (
  select g.gist_id, g.memory_id, left(m.content, 2000) as content, m.agent, m.created_at, g.memory_id in (select older from standing) as replaced,
    row_number() over (partition by g.gist_id order by g.position) as place
  from part g join memory m using (memory_id) qualify place <= gist_candidates()
), said as (
  select gist_id, list({'content': content, 'who': agent, 'at': strftime(created_at, '%Y-%m-%d'), 'replaced': replaced} order by place) as said
  from candidate group by gist_id
), change as (
  select n.gist_id, list({'sentence': s.sentence, 'newer': left(x.content, 2000), 'newerAt': strftime(x.created_at, '%Y-%m-%d'),
      'before': left(y.content, 2000), 'beforeAt': strftime(y.created_at, '%Y-%m-%d')} order by s.score desc, s.newer, s.older) as changes
  from part n
  join standing s on s.newer = n.memory_id
  join part o on o.gist_id = n.gist_id and o.memory_id = s.older
  join memory x on x.memory_id = s.newer
  join memory y on y.memory_id = s.older
  group by n.gist_id
), near as (
  select a.gist_id, a.place, b.place as other, max(list_inner_product(x.vector, y.vector)) as cosine
  from candidate a
  join candidate b using (gist_id)
  join embedding x on x.memory_id = a.memory_id
  join embedding y on y.memory_id = b.memory_id and y.model = x.model
  group by all
), alike_row as (
  select gist_id, place, list(cosine order by other) as alike from near group by gist_id, place
), alike as (
  select r.gist_id, list(r.alike order by r.place) as alike
  from alike_row r join said s using (gist_id)
  group by r.gist_id
  having count(*) = any_value(len(s.said)) and min(len(r.alike)) = count(*)
), word as (
  select distinct c.gist_id, unnest(t.terms) as term from candidate c join recall_text t using (memory_id)
), counted as (
  select term, count(*) as memories from (select unnest(list_distinct(terms)) as term from recall_text)
  where term in (select term from word) group by term
), words as (
  select w.gist_id, list([w.term::bigint, c.memories] order by w.term) as found
  from word w join counted c using (term) group by w.gist_id
)
select p.gist_id as id, p.place, p.why, p.community_id, m.members::json as members,
  coalesce(t.phrases, [])::json as phrases, s.said::json as said, coalesce(c.changes, [])::json as changes, a.alike::json as alike,
  {'total': (select count(*) from recall_text), 'found': coalesce(w.found, [])}::json as words,
  gist_sentences() as sentences, gist_least_told() as least
from pending p join member m using (gist_id) join said s using (gist_id)
left join top_phrase t using (gist_id) left join alike a using (gist_id) left join words w using (gist_id)
left join change c using (gist_id)
order by p.place

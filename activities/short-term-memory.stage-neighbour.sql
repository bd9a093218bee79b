-- The nearest neighbours by meaning: for each fresh memory the knn_k of its scope with the largest cosine, of those that stand out of the
-- scope's pairs, as likeness has another scale in each model; of those that are as near, the next in order of time, so that a text
-- which is written daily makes a chain and no hub. Two memories are as near as the nearest two of their parts: of a vector's neighbours,
-- so many are kept that knn_k memories are among them.
--
-- Vectors have length 1, so their inner product is the cosine. A hundred new vectors of 384 numbers among a hundred thousand,
-- ten million pairs, took 2.2 to 4.0 s like this on two busy cores; 2.5 to 4.2 s as FLOAT[384] with array_inner_product, which
-- needs the length in its text; 3.9 to 8.3 s with `x.place <> y.place` in the join, which copies both vectors of every pair;
-- as long with list_cosine_similarity. Ranked by row_number() in place of max(), with many near ones, it took 82 s.
-- (An equality of scopes would be a hash join, which copies the vectors too: twice the time with one agent, seven tenths with fifty.)
-- Parts cost nothing where no memory has several; fifty million pairs that are all near took 1.8 s, 3.7 s where one has forty parts.
create or replace temp table neighbour as
with vectors as materialized (
  select c.place, c.scope, c.fresh, c.most, e.part, e.vector from comparable c join embedding e using (memory_id, model)
), drawn as (
  select c.scope, c.place, e.vector from comparable c join embedding e using (memory_id, model)
  where e.part = 0 and exists (from comparable f where f.fresh and f.scope = c.scope)
  qualify row_number() over (partition by c.scope order by hash(c.memory_id), c.memory_id) <= knn_sample()
), pair as (
  select scope, list_inner_product(x.vector, y.vector) as cosine from drawn x join drawn y using (scope) where x.place < y.place
), floor as (
  -- Not beyond the middle between the mean and the nearest pair, where a few memories are mostly of one thing; rounded, as the order of a
  -- sum may show in its last digits. Of fewer than ten pairs the mean says nothing.
  select scope, round(least(avg(cosine) + knn_min_deviation() * stddev_samp(cosine), (avg(cosine) + max(cosine)) / 2), 6) as least
  from pair group by scope having count(*) >= 10
), standing as (
  select v.*, greatest(coalesce(f.least, 0), 1e-3) as least from vectors v left join floor f using (scope)
), near_part as (
  select x.place, unnest(max({'cosine': list_inner_product(x.vector, y.vector), 'nearness': -abs(x.place - y.place),
    'place': y.place}, (knn_k() * x.most)::bigint) filter (where x.place <> y.place)) as other
  from standing x join vectors y on x.fresh
    and case when x.scope = y.scope then list_inner_product(x.vector, y.vector) end >= x.least
  group by x.place, x.part
), near as (
  select place, max(other) as other from near_part group by place, other.place
), nearest as (
  select place, unnest(max(other, knn_k())) as other from near group by place
)
select least(x.memory_id, y.memory_id) as a, greatest(x.memory_id, y.memory_id) as b, any_value(n.other.cosine) as cosine
from nearest n join comparable x on x.place = n.place join comparable y on y.place = n.other.place
group by all

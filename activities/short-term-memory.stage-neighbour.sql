-- The nearest neighbours by meaning: for each fresh memory the knn_k of the largest cosine, from knn_min_cos on; of those that
-- are as near, the next in order of time, so that a text which is written daily makes a chain and no hub. Two memories are as near as
-- the nearest two of their parts: of a vector's neighbours, so many are kept that knn_k memories are among them.
--
-- Vectors have length 1, so their inner product is the cosine. A hundred new vectors of 384 numbers among a hundred thousand,
-- ten million pairs, took 2.2 to 4.0 s like this on two busy cores; 2.5 to 4.2 s as FLOAT[384] with array_inner_product, which
-- needs the length in its text; 3.9 to 8.3 s with `x.place <> y.place` in the join, which copies both vectors of every pair;
-- as long with list_cosine_similarity. Ranked by row_number() in place of max(), with many near ones, it took 82 s.
-- Parts cost nothing where no memory has several; fifty million pairs that are all near took 1.8 s, 3.7 s where one has forty parts.
create or replace temp table neighbour as
with vectors as materialized (
  select c.place, c.fresh, c.most, e.part, e.vector from comparable c join embedding e using (memory_id, model)
), near_part as (
  select x.place, unnest(max({'cosine': list_inner_product(x.vector, y.vector), 'nearness': -abs(x.place - y.place),
    'place': y.place}, (knn_k() * x.most)::bigint) filter (where x.place <> y.place)) as other
  from vectors x join vectors y on x.fresh and list_inner_product(x.vector, y.vector) >= knn_min_cos()
  group by x.place, x.part
), near as (
  select place, max(other) as other from near_part group by place, other.place
), nearest as (
  select place, unnest(max(other, knn_k())) as other from near group by place
)
select least(x.memory_id, y.memory_id) as a, greatest(x.memory_id, y.memory_id) as b, any_value(n.other.cosine) as cosine
from nearest n join comparable x on x.place = n.place join comparable y on y.place = n.other.place
group by all

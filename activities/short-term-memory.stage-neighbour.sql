-- The nearest neighbours by meaning: for each fresh vector the knn_k of the largest cosine, from knn_min_cos on; of those that
-- are as near, the next in order of time, so that a text which is written daily makes a chain and no hub.
--
-- Vectors have length 1, so their inner product is the cosine. Ten million pairs of 384 numbers on two busy cores took 1.9 to
-- 4.3 s like this, 2.2 to 4.8 s with list_cosine_similarity, 1.9 to 5.0 s as FLOAT[384] with array_inner_product, which
-- needs the length in its text; 31 s with a cast to FLOAT[384] in the join, 82 s ranked by row_number() in place of max().
create or replace temp table neighbour as
with vectors as materialized (
  select c.place, c.fresh, e.vector from comparable c join embedding e using (memory_id, model)
), nearest as (
  select x.place, unnest(max({'cosine': list_inner_product(x.vector, y.vector), 'nearness': -abs(x.place - y.place),
    'place': y.place}, $knn_k)) as other
  from vectors x join vectors y
    on x.fresh and x.place <> y.place and list_inner_product(x.vector, y.vector) >= $knn_min_cos
  group by x.place
)
select least(x.memory_id, y.memory_id) as a, greatest(x.memory_id, y.memory_id) as b, any_value(n.other.cosine) as cosine
from nearest n join comparable x on x.place = n.place join comparable y on y.place = n.other.place
group by all

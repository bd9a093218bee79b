delete from llm_cache where key in (
  select key from (select key, sum(bytes) over (order by used desc, key) as kept from llm_cache) where kept > $limit
)

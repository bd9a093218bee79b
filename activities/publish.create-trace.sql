create table recall.trace as from trace order by memory_id

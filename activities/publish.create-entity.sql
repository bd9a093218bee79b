create table recall.entity as
select memory_id, agent, entity, label, type from mention
where memory_id in (select memory_id from publishing where part = 'text')
order by agent, memory_id, entity

-- Memories of the base that questions look at no more, or otherwise.
select id from day.replaced where part = 'text'

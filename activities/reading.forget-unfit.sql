-- Of a text that is new, or reworded, nothing has been tried yet.
delete from llm_unfit where task = $task and id in (select id from unread where why = 'new')

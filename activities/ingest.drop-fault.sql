delete from source_change where fault is not null

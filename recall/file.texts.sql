-- What some memories say.
select n, content from memory where n in ($numbers) and n between $first and $last

-- What is shown of some memories and is not in a scope; of columns that nobody looks at each one takes time.
select n, content, fate from memory where n in ($numbers) and n between $first and $last

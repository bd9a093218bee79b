-- What is shown of a memory and is not in a scope; of columns that nobody looks at each one takes time.
select n, content, fate from memory where n = $n

select n, content from memory where n = $n

-- In the order of the table, which is that of n: to sort them again takes as long as to read them.
select n, scale, vector
from vector
where n between $first and $last

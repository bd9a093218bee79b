-- An agent's memories have numbers one after the other.
select n, scale, vector
from vector
where n between $first and $last
order by n, part

select a, b, w from link order by a, b

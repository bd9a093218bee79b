select value from setting where name = 'fold'

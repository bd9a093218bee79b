-- A new base has what the additions before it had.
delete from published_file

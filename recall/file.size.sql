-- What the blocks of an attached file take, as its header says.
select (total_blocks * block_size)::double as bytes from pragma_database_size() where database_name = $name

-- In place of a recall file.
create table memory (memory_id varchar, row_hash ubigint);
create table forgotten (id_hash varchar);

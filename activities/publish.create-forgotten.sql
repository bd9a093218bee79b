-- Readers look into the agents' table too, where a role may not delete.
create table recall.forgotten as select id_hash from forgotten order by id_hash

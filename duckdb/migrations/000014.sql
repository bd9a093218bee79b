-- made_by of an association  the generators that had found its evidence when it was made, in the order of the alphabet: co-use, entity,
--                            episode, meaning; null of those that were made before this was kept
alter table association add column made_by varchar;

create or replace temp table old_network as from network

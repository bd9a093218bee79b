create or replace temp table label as from next_label

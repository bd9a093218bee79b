-- Of all cycles, once they are in a new base; else of those that wrote nothing.
delete from changed_cycle where $whole or not published

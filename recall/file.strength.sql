-- How well some memories are remembered as of a time.
select n, retrievability from trace_at($as_of) where n in ($numbers) and n between $first and $last

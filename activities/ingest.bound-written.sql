-- Ten minutes are read again, for transactions that committed late.
select ($since::timestamp - interval 10 minute)::varchar as after, ($as_of::timestamp)::varchar as until

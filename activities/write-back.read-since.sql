select coalesce((select max(as_of)::varchar from ledger where step = 'writeBackDreams'), '-infinity') as since

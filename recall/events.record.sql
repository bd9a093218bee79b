-- What a recall gave, in its order.
insert into dreams.recall_events (target, recall_id, kind, memory_id, rank, agent, question_hash, question, asked_at, noted_at)
select $1::text, $2::text, 'recalled', memory_id, rank, $3::text, $4::text, $5::text, $6::timestamptz, $6::timestamptz
from unnest($7::text[]) with ordinality as given (memory_id, rank)

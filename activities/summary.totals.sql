select
  (select count(*) from memory)::int as memories,
  (select count(distinct session_id) from episode)::int as sessions,
  (select count(*) from episode)::int as episodes,
  (select count(*) from association)::int as associations,
  (select count(*) from insight)::int + (select count(*) from gist)::int as insights,
  count(*) filter (where fate = 'cortical_transfer')::int as cortical_transfer,
  count(*) filter (where fate = 'hippocampal_retention')::int as hippocampal_retention,
  count(*) filter (where fate = 'gradual_forgetting')::int as gradual_forgetting,
  count(*) filter (where fate = 'rapid_forgetting')::int as rapid_forgetting
from fate semi join memory using (memory_id)

select
  (select count(*) from lived_night where cycle_id = $cycle_id)::int as nights,
  (select count(*) from event where kind = 'replay' and cycle_id = $cycle_id)::int as replayed,
  (select count(*) from association semi join (from coactivation where cycle_id = $cycle_id) using (src, dst))::int as strengthened,
  count(*) filter (where fate = 'cortical_transfer')::int as transferred,
  count(*) filter (where fate = 'hippocampal_retention')::int as retained,
  count(*) filter (where fate = 'gradual_forgetting')::int as fading,
  count(*) filter (where fate = 'rapid_forgetting')::int as forgotten
from fate semi join memory using (memory_id)

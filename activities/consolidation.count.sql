select
  (select count(*) from lived_night where cycle_id = $cycle_id)::int as nights,
  (select count(*) from event where kind = 'replay' and cycle_id = $cycle_id)::int as replayed,
  (select count(*) from association where changed_at = $as_of::timestamp and co_activation_count > 0)::int as strengthened,
  count(*) filter (where fate = 'cortical_transfer')::int as transferred,
  count(*) filter (where fate = 'hippocampal_retention')::int as retained,
  count(*) filter (where fate = 'gradual_forgetting')::int as fading,
  count(*) filter (where fate = 'rapid_forgetting')::int as forgotten
from fate semi join memory using (memory_id)

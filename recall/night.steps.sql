select step, cycle_id as cycle, as_of as "asOf", counts from night order by step

select step::double as step, kind, as_of::varchar as "at" from weight_step order by weight_step.step

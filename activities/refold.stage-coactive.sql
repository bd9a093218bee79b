-- Who was active together in a step of the past, as far as they had the link already that they have now.
create or replace temp table coactive as
select c.src, c.dst, c.ts, c.activation
from coactivation c join association a using (src, dst)
where c.step = $weight_step and a.first_step < $weight_step

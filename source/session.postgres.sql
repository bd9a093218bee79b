-- How PostgreSQL writes values as text until the transaction ends: an id must not become another one because somebody sets the
-- time zone of the role, or the style of its dates.
select set_config('TimeZone', 'UTC', true) as zone, set_config('DateStyle', 'ISO, YMD', true) as dates,
  set_config('IntervalStyle', 'postgres', true) as intervals, set_config('bytea_output', 'hex', true) as bytes

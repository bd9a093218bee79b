select coalesce(
  (select strftime(updated_at, '%Y-%m-%d %H:%M:%S.%f') from watermark where source = $source), '-infinity') as since

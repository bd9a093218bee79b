-- At the same time of writing any id comes after this one.
update watermark set memory_id = '' where memory_id in (select memory_id from forgetting)

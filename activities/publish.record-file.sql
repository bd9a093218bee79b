insert or replace into published_file values ($part, $base_id, $version, $model, $stamp)

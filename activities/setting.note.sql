insert or replace into setting values ($name, $value)

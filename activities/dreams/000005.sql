-- Not breaking. With which parameters a cycle was lived.
do $columns$ begin
  alter table dreams.processing_metrics add column if not exists parameters text;
exception when wrong_object_type then null;
end $columns$;

do $apply$
declare statement text;
begin
foreach statement in array string_to_array($comments$
comment on column dreams.processing_metrics.parameters is 'Hash of all parameters and of pipeline.scope with which the step was done, as biomem profile show gives it; null of cycles before it was kept.';
$comments$, E'\n') loop
  begin
    if statement <> '' then execute statement; end if;
  exception when undefined_column or undefined_table or wrong_object_type then null;
  end;
end loop;
end $apply$;

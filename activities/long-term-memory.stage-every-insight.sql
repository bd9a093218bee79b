-- All themes, the strongest first, for what each of them says beside the others.
create or replace temp table unread as
select insight_id as id, 'new' as why, row_number() over (order by strength desc, insight_id)::integer as place from wanted_insight

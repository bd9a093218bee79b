-- The agents' table under the names of ours. Tags are a list, JSON or comma-separated text; metadata that is no JSON is kept as
-- a JSON string; a memory that names no agent belongs to the only one, called agent. `fault` is as in source_key.
create or replace temp view source_memory as
with read as (
  select *,
    case when agent_path is null then agent_source
      when json_valid(agent_source) then json_extract_string(agent_source, agent_path) end as agent_name,
    case when json_valid(tags_source) and (tags_are_json or regexp_matches(tags_source, '^\s*[\[{]')) then tags_source end as tags_json
  from source_key
), shaped as (
  select *,
    case when tags_json is not null then json_type(tags_json) when tags_are_json and tags_source is not null then 'UNREADABLE' end as tags_type,
    case when tags_json is not null then list_transform(json_extract(tags_json, '$[*]'), lambda tag: json_type(tag)) end as tag_types
  from read
), tagged as (
  select *,
    case
      when tags_type is null then coalesce(split_tags(tags_source), [])
      when tags_type = 'ARRAY' then list_filter(from_json(tags_json, '["VARCHAR"]'), lambda tag: tag is not null)
      when tags_type = 'VARCHAR' then split_tags(json_extract_string(tags_json, '$'))
      when tags_type in ('NULL', 'OBJECT', 'UNREADABLE') then []
      else [tags_json] end as tags
  from shaped
)
select memory_id, coalesce(nullif(agent_name, ''), 'agent') as agent, content, context, tags,
  case when not json_valid(metadata) then to_json(metadata)::varchar else metadata end as metadata,
  created_at, greatest(created_at, coalesce(touched_at, created_at)) as updated_at, written_at,
  case
    when fault is not null then fault
    when not content_given then {'field': 'content', 'reason': 'is NULL'}
    when content is null then {'field': 'content', 'reason': 'holds bytes that are no UTF-8'}
    when contains(content, chr(0)) then {'field': 'content', 'reason': 'holds a NUL character, which PostgreSQL cannot store'}
    when strlen(content) > 67108864 then {'field': 'content', 'reason': 'is longer than 64 MiB'}
    when unstorable_name(agent_name) is not null then {'field': 'agent', 'reason': unstorable_name(agent_name)}
    when agent_path is not null and agent_is_json and not json_valid(agent_source)
      then {'field': 'agent', 'reason': 'stands in JSON that cannot be read'}
    when tags_type = 'UNREADABLE' then {'field': 'tags', 'reason': 'are JSON that cannot be read'}
    when tags_type = 'OBJECT' then {'field': 'tags', 'reason': 'are a JSON object, not a list'}
    when list_has_any(tag_types, ['OBJECT', 'ARRAY']) then {'field': 'tags', 'reason': 'hold a list or an object, not only texts'}
    when len(list_filter(tags, lambda tag: contains(tag, chr(0)))) > 0
      then {'field': 'tags', 'reason': 'hold a NUL character, which PostgreSQL cannot store'}
    when contains(context, chr(0)) then {'field': 'context', 'reason': 'holds a NUL character, which PostgreSQL cannot store'}
  end as fault
from tagged

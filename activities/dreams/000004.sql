-- Not breaking. What was recalled, and of what use it was.
--
-- The one table of this schema that is not derived: programs that recall add to it, and the next cycle strengthens what was used. Rows
-- are only added. A recall adds one row of kind 'recalled' for each memory that it gave; feedback adds one of kind 'used' or 'wrong'.
create table if not exists dreams.recall_events (
  target text not null,
  recall_id text not null,
  kind text not null check (kind in ('recalled', 'used', 'wrong')),
  memory_id text not null,
  rank integer not null check (rank >= 1),
  agent text,
  question_hash text not null,
  question text,
  asked_at timestamptz not null,
  noted_at timestamptz not null,
  recorded_at timestamptz not null default clock_timestamp(),
  primary key (target, recall_id, memory_id, kind)
);

do $indexes$ begin
  -- A grade stands: a memory was of use to a recall, or it was not.
  create unique index if not exists recall_events_one_grade on dreams.recall_events (target, recall_id, memory_id) where kind <> 'recalled';
  create index if not exists recall_events_of_memory on dreams.recall_events (target, memory_id);
  create index if not exists recall_events_graded on dreams.recall_events (target, recorded_at) where kind <> 'recalled';
exception when undefined_column or wrong_object_type then null;
end $indexes$;

do $views$ begin
if to_regclass('dreams.recalled_memories') is null then
  begin
    -- How often each memory was recalled, and of what use it was.
    create view dreams.recalled_memories as
    select target, memory_id,
      (count(*) filter (where kind = 'recalled'))::integer as recalled,
      (count(*) filter (where kind = 'used'))::integer as used,
      (count(*) filter (where kind = 'wrong'))::integer as wrong,
      (max(asked_at) filter (where kind = 'used'))::timestamptz as last_used_at
    from dreams.recall_events
    group by target, memory_id;
  exception when undefined_column then null;
  end;
end if;
end $views$;

do $schema$ begin
if pg_has_role((select nspowner from pg_namespace where nspname = 'dreams'), 'usage')
  and obj_description('dreams'::regnamespace, 'pg_namespace') ~ '^What biological-memory made of the agents'' memories\. Derived: ' then
  comment on schema dreams is 'What biological-memory made of the agents'' memories. Derived, but for recall_events: after a drop the next cycle writes all else again. Times are those of the memories or of the cycles, with zone. Strengths and weights are as of the row''s as_of.';
end if;
end $schema$;

do $apply$
declare statement text;
begin
foreach statement in array string_to_array($comments$
comment on table dreams.recall_events is 'What was recalled, and of what use it was; rows are only added, and the next cycle strengthens what was used. One row for each memory of each answer, and one for each grade. Not derived.';
comment on column dreams.recall_events.target is 'Target of profiles.yml whose memories were asked.';
comment on column dreams.recall_events.recall_id is 'Id of the recall, which feedback names.';
comment on column dreams.recall_events.kind is 'recalled (it was among the answers), used (it was of use) or wrong (it was not what was asked for). A memory has one grade in a recall: used or wrong.';
comment on column dreams.recall_events.memory_id is 'Id of the row in the agents'' table, as text.';
comment on column dreams.recall_events.rank is 'Place of the memory among the answers, from 1.';
comment on column dreams.recall_events.agent is 'Agent whose memories were asked; null: those of all.';
comment on column dreams.recall_events.question_hash is 'SHA-256 of the question in UTF-8, as 64 hexadecimal digits.';
comment on column dreams.recall_events.question is 'The question; null unless pipeline.recall.keep_questions is true.';
comment on column dreams.recall_events.asked_at is 'When it was asked; of a recall as of another time, that time.';
comment on column dreams.recall_events.noted_at is 'When the row came to be known: asked_at, and of a grade as long after it as feedback was given. A cycle as of an earlier time leaves it for a later one.';
comment on column dreams.recall_events.recorded_at is 'When the row was written, by the clock of PostgreSQL.';

comment on view dreams.recalled_memories is 'How often each memory was recalled, and of what use it was.';
comment on column dreams.recalled_memories.target is 'Target of profiles.yml whose memories were asked.';
comment on column dreams.recalled_memories.memory_id is 'Id of the row in the agents'' table, as text.';
comment on column dreams.recalled_memories.recalled is 'In how many answers it was.';
comment on column dreams.recalled_memories.used is 'In how many recalls it was of use.';
comment on column dreams.recalled_memories.wrong is 'In how many recalls it was not what was asked for.';
comment on column dreams.recalled_memories.last_used_at is 'When the last question was asked to which it was of use; null: to none yet.';
$comments$, E'\n') loop
  begin
    if statement <> '' then execute statement; end if;
  exception when undefined_column or undefined_table or wrong_object_type then null;
  end;
end loop;
end $apply$;

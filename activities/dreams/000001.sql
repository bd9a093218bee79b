-- Not breaking. What version 0.2.0 made.
--
-- What the pipeline gives back, as plain tables for any PostgreSQL client. It is derived: dropping this schema loses nothing, the
-- next cycle writes everything again. Targets that share a database share the tables; each row says whose it is. Names are the
-- predecessor's where it had them.

create table if not exists dreams.working_memory (
  target text not null,
  memory_id text not null,
  agent text not null,
  content text not null,
  window_start timestamptz not null,
  wm_slot integer not null,
  capacity integer not null,
  attention_priority double precision not null,
  recency_weight double precision not null,
  importance_score double precision not null,
  urgency_score double precision not null,
  emotional_salience double precision not null,
  as_of timestamptz not null,
  primary key (target, memory_id)
);

create table if not exists dreams.short_term_episodes (
  target text not null,
  episode_id text not null,
  agent text not null,
  title text,
  level_0_goal text,
  level_1_tasks text[],
  atomic_actions text[],
  outcome text,
  social_context text[] not null,
  spatial_context text[] not null,
  started_at timestamptz not null,
  ended_at timestamptz not null,
  memory_ids text[] not null,
  made_by text,
  as_of timestamptz not null,
  primary key (target, episode_id)
);

create table if not exists dreams.long_term_memories (
  target text not null,
  memory_id text not null,
  agent text not null,
  content text not null,
  consolidation_fate text not null,
  why text not null,
  importance_score double precision not null,
  stability double precision not null,
  difficulty double precision not null,
  retrieval_strength double precision not null,
  s_h double precision not null,
  s_c double precision not null,
  consolidation_state text not null,
  memory_fidelity text not null,
  memory_age text not null,
  minicolumn_id text,
  centrality double precision,
  created_at timestamptz not null,
  last_at timestamptz not null,
  as_of timestamptz not null,
  primary key (target, memory_id)
);

create table if not exists dreams.semantic_network (
  target text not null,
  src text not null,
  dst text not null,
  weight double precision not null,
  co_activation_count integer not null,
  as_of timestamptz not null,
  primary key (target, src, dst)
);

create table if not exists dreams.memory_insights (
  target text not null,
  insight_id text not null,
  kind text not null check (kind in ('gist', 'insight')),
  semantic_category text not null,
  content text not null,
  memory_ids text[] not null,
  made_by text not null,
  as_of timestamptz not null,
  primary key (target, insight_id)
);

create table if not exists dreams.processing_metrics (
  target text not null,
  cycle_id text not null,
  step text not null,
  as_of timestamptz not null,
  counts jsonb not null,
  primary key (target, cycle_id, step)
);

-- A view that is there stays as it is: a later version may have given it more columns, which `create or replace` would refuse to drop.
-- One that needs a column which somebody dropped cannot be made.
do $views$ begin
if to_regclass('dreams.current_context') is null then
  begin
    -- What each agent attended to last.
    create view dreams.current_context as
    select w.* from dreams.working_memory w
    join (select target, agent, max(window_start) as window_start from dreams.working_memory group by target, agent) l
      using (target, agent, window_start)
    order by w.target, w.agent, w.wm_slot;
  exception when undefined_column then null;
  end;
end if;
if to_regclass('dreams.recent_episodes') is null then
  begin
    create view dreams.recent_episodes as
    select * from dreams.short_term_episodes order by started_at desc;
  exception when undefined_column then null;
  end;
end if;
if to_regclass('dreams.knowledge_graph') is null then
  begin
    create view dreams.knowledge_graph as
    select n.target, n.src, s.content as src_content, n.dst, d.content as dst_content, n.weight, s.minicolumn_id
    from dreams.semantic_network n
    join dreams.long_term_memories s on s.target = n.target and s.memory_id = n.src
    join dreams.long_term_memories d on d.target = n.target and d.memory_id = n.dst;
  exception when undefined_column then null;
  end;
end if;
if to_regclass('dreams.memory_timeline') is null then
  begin
    create view dreams.memory_timeline as
    select m.target, m.created_at, m.agent, m.memory_id, m.content, m.consolidation_fate, m.retrieval_strength, e.title as episode
    from dreams.long_term_memories m
    left join dreams.short_term_episodes e on e.target = m.target and m.memory_id = any (e.memory_ids)
    order by m.created_at;
  exception when undefined_column then null;
  end;
end if;
end $views$;

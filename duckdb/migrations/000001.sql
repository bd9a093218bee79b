-- The state of one environment's memory: one DuckDB file, one writer (the worker).
--
--   raw_memory                 what the agents wrote, copied from their table; a deleted row stays as a tombstone
--   watermark                  how far that table has been read
--   feature, mention           what a reader of text found in each memory, and the entities it mentions
--   working_memory             what was attended to, window by window of event time
--   episode, episode_member    runs of memories that belong together
--   readiness                  which memories are ready for consolidation, and why
--   event                      the append-only log: encode, recall, restudy, replay; the only source of every strength
--   coactivation               the same for pairs: who was active together with whom
--   trace                      a fold of event, cached; can be rebuilt from it at any time
--   association                weighted directed links between memories
--   fate                       what becomes of each memory
--   network                    centrality and community of each memory
--   gist, gist_member          what a community of memories says
--   insight, insight_member    what recurs across episodes
--   distant_association        far pairs proposed at night, kept only if later confirmed
--   ledger                     which step of which cycle is done, with what it counted
--
-- Times are UTC without zone. changed_at is the asOf of the cycle that last changed a row: write-back reads it.

create table ledger (
  step varchar not null,
  cycle_id varchar not null,
  as_of timestamp not null,
  counts json not null,
  primary key (step, cycle_id)
);

create table watermark (
  source varchar primary key,
  updated_at timestamp not null,
  memory_id varchar not null
);

create table raw_memory (
  memory_id varchar primary key,
  agent varchar not null,
  content varchar not null,
  context varchar,
  tags varchar[] not null,
  metadata json,
  created_at timestamp not null,
  updated_at timestamp not null,
  content_hash varchar not null,
  deleted_at timestamp,
  changed_at timestamp not null
);

create table feature (
  memory_id varchar primary key,
  content_hash varchar not null,
  kind varchar not null,
  importance double not null,
  urgency double not null,
  arousal double not null,
  valence double not null,
  gist varchar not null,
  dates varchar[] not null,
  made_by varchar not null,
  changed_at timestamp not null
);

create table mention (
  memory_id varchar not null,
  agent varchar not null,
  entity varchar not null,
  label varchar not null,
  type varchar not null,
  created_at timestamp not null
);

create table working_memory (
  memory_id varchar primary key,
  agent varchar not null,
  window_start timestamp not null,
  recency_weight double not null,
  novelty double not null,
  attention_priority double not null,
  wm_slot integer,
  capacity integer not null,
  changed_at timestamp not null
);

create table episode (
  episode_id varchar primary key,
  agent varchar not null,
  started_at timestamp not null,
  ended_at timestamp not null,
  size integer not null,
  boundary varchar not null,
  members_hash varchar not null,
  title varchar,
  level_0_goal varchar,
  level_1_tasks varchar[],
  atomic_actions varchar[],
  outcome varchar,
  social_context varchar[] not null,
  spatial_context varchar[] not null,
  made_by varchar,
  changed_at timestamp not null
);

create table episode_member (
  memory_id varchar primary key,
  episode_id varchar not null,
  position integer not null
);

create table readiness (
  memory_id varchar primary key,
  tag double not null,
  ready_for_consolidation boolean not null,
  why varchar,
  changed_at timestamp not null
);

create table event (
  event_id bigint primary key,
  memory_id varchar not null,
  ts timestamp not null,
  kind varchar not null check (kind in ('encode', 'recall', 'restudy', 'replay')),
  grade tinyint check (grade between 1 and 4),
  schema_fit double,
  cycle_id varchar not null
);

create table coactivation (
  src varchar not null,
  dst varchar not null,
  ts timestamp not null,
  activation double not null,
  cycle_id varchar not null
);

create table trace (
  memory_id varchar primary key,
  first_at timestamp not null,
  last_at timestamp not null,
  n_access integer not null,
  stability double not null,
  difficulty double not null,
  s_c double not null,
  s_c_at timestamp not null,
  last_event_id bigint not null,
  changed_at timestamp not null
);

create table association (
  src varchar not null,
  dst varchar not null,
  w double not null,
  co_activation_count integer not null,
  last_at timestamp not null,
  changed_at timestamp not null,
  primary key (src, dst)
);

create table fate (
  memory_id varchar primary key,
  fate varchar not null check
    (fate in ('cortical_transfer', 'hippocampal_retention', 'gradual_forgetting', 'rapid_forgetting')),
  why varchar not null,
  since timestamp not null,
  changed_at timestamp not null
);

create table network (
  memory_id varchar primary key,
  community_id varchar not null,
  centrality double not null,
  degree integer not null,
  changed_at timestamp not null
);

create table gist (
  gist_id varchar primary key,
  community_id varchar not null,
  semantic_gist varchar not null,
  semantic_category varchar not null,
  made_by varchar not null,
  changed_at timestamp not null
);

create table gist_member (
  gist_id varchar not null,
  memory_id varchar not null,
  position integer not null,
  primary key (gist_id, memory_id)
);

create table insight (
  insight_id varchar primary key,
  theme varchar not null,
  content varchar not null,
  strength double not null,
  made_by varchar not null,
  changed_at timestamp not null
);

create table insight_member (
  insight_id varchar not null,
  memory_id varchar not null,
  position integer not null,
  primary key (insight_id, memory_id)
);

create table distant_association (
  src varchar not null,
  dst varchar not null,
  resource_allocation double not null,
  distance double not null,
  creative_score double not null,
  proposed_at timestamp not null,
  confirmed_at timestamp,
  primary key (src, dst)
);

-- What is alive: every stage after ingest reads memories through this view, so a tombstone vanishes everywhere at once.
create view memory as
select r.*, f.kind, f.importance, f.urgency, f.arousal, f.valence, f.gist
from raw_memory r
join feature f using (memory_id)
where r.deleted_at is null;

-- Not breaking. Says of each table, view and column what it holds: psql shows it with \d+ dreams.*

-- Earlier versions kept a hash here. Only the schema's owner can write it, and what somebody else wrote stays.
do $schema$ begin
if pg_has_role((select nspowner from pg_namespace where nspname = 'dreams'), 'usage')
  and coalesce(obj_description('dreams'::regnamespace, 'pg_namespace'), '') ~ '^(biological-memory [0-9a-f]{32})?$' then
  comment on schema dreams is 'What biological-memory made of the agents'' memories. Derived: after a drop the next cycle writes everything again. Times are those of the memories or of the cycles, with zone. Strengths and weights are as of the row''s as_of.';
end if;
end $schema$;

-- Somebody may have dropped a column, or put another kind of relation in the place of a view: it is passed over.
do $apply$
declare statement text;
begin
foreach statement in array string_to_array($comments$
comment on table dreams.working_memory is 'What each agent attended to: the memories that got a slot, window by window of event time. One row for each memory.';
comment on column dreams.working_memory.target is 'Target of profiles.yml that the row belongs to; targets of one database share the tables.';
comment on column dreams.working_memory.memory_id is 'Id of the row in the agents'' table, as text.';
comment on column dreams.working_memory.agent is 'Agent that wrote the memory; ''agent'' where the row names none.';
comment on column dreams.working_memory.content is 'Text of the memory.';
comment on column dreams.working_memory.window_start is 'Start of the window in which the memory was attended to; windows have working_memory_window_minutes (default 5 minutes).';
comment on column dreams.working_memory.wm_slot is 'Place in the window by attention: 1 is the highest, at most capacity.';
comment on column dreams.working_memory.capacity is 'Slots that the agent had in this window: they fluctuate around working_memory_capacity (default 7) by at most working_memory_capacity_variance (default 2).';
comment on column dreams.working_memory.attention_priority is '0 to 1: weighted sum of recency, importance, urgency, arousal and novelty, with the weights attention_recency_weight (default 0.35), attention_importance_weight (0.30), attention_urgency_weight (0.15), attention_arousal_weight (0.10) and attention_novelty_weight (0.10).';
comment on column dreams.working_memory.recency_weight is '0 to 1: how late in the window the memory was written; halves with every attention_half_life (default 120 seconds) before its end.';
comment on column dreams.working_memory.importance_score is '0 to 1: how important the text reads.';
comment on column dreams.working_memory.urgency_score is '0 to 1: how urgent the text reads.';
comment on column dreams.working_memory.emotional_salience is '0 to 1: how much feeling the text shows, good or bad (arousal).';
comment on column dreams.working_memory.as_of is 'Time of the cycle that last attended to the memory''s window.';

comment on table dreams.short_term_episodes is 'Runs of one agent''s memories that belong together: between silences, new goals or surprises.';
comment on column dreams.short_term_episodes.target is 'Target of profiles.yml that the row belongs to.';
comment on column dreams.short_term_episodes.episode_id is 'Id of the episode; it changes when its first memory changes.';
comment on column dreams.short_term_episodes.agent is 'Agent whose memories these are.';
comment on column dreams.short_term_episodes.title is 'What it was about, at most 80 characters; null until it has been described.';
comment on column dreams.short_term_episodes.level_0_goal is 'Goal that the agent had, at most 280 characters; null where the memories tell of none.';
comment on column dreams.short_term_episodes.level_1_tasks is 'Tasks, at most 12 of at most 280 characters; null until it has been described.';
comment on column dreams.short_term_episodes.atomic_actions is 'Actions, at most 12 of at most 280 characters; null until it has been described.';
comment on column dreams.short_term_episodes.outcome is 'How it ended, at most 280 characters; null where the memories do not tell.';
comment on column dreams.short_term_episodes.social_context is 'People that the memories mention.';
comment on column dreams.short_term_episodes.spatial_context is 'Places that the memories mention.';
comment on column dreams.short_term_episodes.started_at is 'Time of its first memory.';
comment on column dreams.short_term_episodes.ended_at is 'Time of its last memory.';
comment on column dreams.short_term_episodes.memory_ids is 'Its memories, in the order in which they were written.';
comment on column dreams.short_term_episodes.made_by is 'Who described it: rules#<version> or ollama:<model>@<digest>#<task>.<version>; null until it has been described.';
comment on column dreams.short_term_episodes.as_of is 'Time of the cycle that last changed the episode.';

comment on table dreams.long_term_memories is 'What has become of every memory: its fate and why, how strong it is, where it stands in the network. One row for each memory.';
comment on column dreams.long_term_memories.target is 'Target of profiles.yml that the row belongs to.';
comment on column dreams.long_term_memories.memory_id is 'Id of the row in the agents'' table, as text.';
comment on column dreams.long_term_memories.agent is 'Agent that wrote the memory; ''agent'' where the row names none.';
comment on column dreams.long_term_memories.content is 'Text of the memory.';
comment on column dreams.long_term_memories.consolidation_fate is 'cortical_transfer (the cortex holds it), hippocampal_retention (stays in replay), gradual_forgetting (fading) or rapid_forgetting (archived, not erased).';
comment on column dreams.long_term_memories.why is 'Reason for the fate, in words.';
comment on column dreams.long_term_memories.importance_score is '0 to 1: how important the text reads.';
comment on column dreams.long_term_memories.stability is 'Days after which retrieval_strength has fallen to 0.9 (FSRS-6), 0.001 to 36500, as of last_at.';
comment on column dreams.long_term_memories.difficulty is '1 (easy) to 10 (hard): how slowly stability grows (FSRS-6).';
comment on column dreams.long_term_memories.retrieval_strength is '0 to 1: probability of recalling it as of as_of. It falls from then on: (1 + (0.9^(-1/0.1542) - 1) * t / stability)^-0.1542, with t the days since last_at.';
comment on column dreams.long_term_memories.s_h is '0 to 1: hippocampal trace as of as_of; halves with every hippocampal_half_life_days (default 7) since encoding.';
comment on column dreams.long_term_memories.s_c is '0 to 1: cortical trace as of as_of; grows with replay in sleep, halves with every cortical_half_life_days (default 365).';
comment on column dreams.long_term_memories.consolidation_state is 'Share of the cortical trace, s_c / (s_h + s_c): episodic, consolidating (from consolidating_share, default 1/3) or schematized (from schematized_share, default 2/3).';
comment on column dreams.long_term_memories.memory_fidelity is 'By retrieval_strength: high (from 0.9), medium (from fate_retain, default 0.7), low (from fate_forget, default 0.4) or degraded.';
comment on column dreams.long_term_memories.memory_age is 'Since created_at, as of as_of: recent (below 1 day), week_old (below 7), month_old (below 30) or remote.';
comment on column dreams.long_term_memories.minicolumn_id is 'Community of the network, named after its oldest memory; null for a memory without links.';
comment on column dreams.long_term_memories.centrality is '0 to 1: weighted PageRank; all memories of the network together have 1. Null for a memory without links.';
comment on column dreams.long_term_memories.created_at is 'When the agent wrote it.';
comment on column dreams.long_term_memories.last_at is 'When it was last encoded, recalled, restudied or replayed.';
comment on column dreams.long_term_memories.as_of is 'Time of the cycle that wrote this row; a row is written when its memory changes, so rows differ in it.';

comment on table dreams.semantic_network is 'The strongest links of each transferred memory to other transferred ones, at most semantic_network_top_k (default 5). Each cycle replaces them.';
comment on column dreams.semantic_network.target is 'Target of profiles.yml that the row belongs to.';
comment on column dreams.semantic_network.src is 'Id of the memory that the link leads from.';
comment on column dreams.semantic_network.dst is 'Id of the memory that the link leads to.';
comment on column dreams.semantic_network.weight is '0 to 1: strength of the link as of as_of; halves with every edge_half_life_days (default 30) without activity.';
comment on column dreams.semantic_network.co_activation_count is 'How often both were active together.';
comment on column dreams.semantic_network.as_of is 'Time of the cycle that wrote this row.';

comment on table dreams.memory_insights is 'What was learned across memories, with the memories that it rests on.';
comment on column dreams.memory_insights.target is 'Target of profiles.yml that the row belongs to.';
comment on column dreams.memory_insights.insight_id is 'Id; the same members give a gist the same id.';
comment on column dreams.memory_insights.kind is 'gist (what a community of transferred memories says, of at least gist_min_members, default 3) or insight (what comes back in at least insight_min_episodes, default 3, on at least insight_min_days, default 3).';
comment on column dreams.memory_insights.semantic_category is 'Of a gist its category, of an insight its theme.';
comment on column dreams.memory_insights.content is 'What was learned, in words.';
comment on column dreams.memory_insights.memory_ids is 'Memories that it rests on.';
comment on column dreams.memory_insights.made_by is 'Who wrote it: rules#<version> or ollama:<model>@<digest>#<task>.<version>.';
comment on column dreams.memory_insights.as_of is 'Time of the cycle that last changed it.';

comment on table dreams.processing_metrics is 'What each step of each cycle counted.';
comment on column dreams.processing_metrics.target is 'Target of profiles.yml that the row belongs to.';
comment on column dreams.processing_metrics.cycle_id is 'Id of the cycle.';
comment on column dreams.processing_metrics.step is 'Name of the step, for example ingestMemories.';
comment on column dreams.processing_metrics.as_of is 'Time of the cycle.';
comment on column dreams.processing_metrics.counts is 'Counts by name; with a model its calls, tokens and seconds (model_*, embed_calls); rejected_rows names the first five rows that the step passed over.';

comment on table dreams.rejected_rows is 'Rows that could not be used, and why; they are used as soon as they have been mended. The first ten thousand.';
comment on column dreams.rejected_rows.target is 'Target of profiles.yml that the row belongs to.';
comment on column dreams.rejected_rows.position is 'Place in the list, from 1.';
comment on column dreams.rejected_rows.step is 'Step that passed the row over, for example ingestMemories or writeBackDreams.';
comment on column dreams.rejected_rows.memory_id is 'Key of the row, at most 1000 characters; null where it has no id.';
comment on column dreams.rejected_rows.column_name is 'Column of the agents'' table, or table of schema dreams, that the reason is about.';
comment on column dreams.rejected_rows.reason is 'What is wrong; it completes "<column> ..." and shows no text of the row.';
comment on column dreams.rejected_rows.rows is 'How many rows the entry stands for.';
comment on column dreams.rejected_rows.first_seen_at is 'Time of the cycle that first passed the row over.';
comment on column dreams.rejected_rows.as_of is 'Time of the cycle that last did.';

comment on view dreams.current_context is 'What each agent attended to last: its latest window of working_memory, by slot.';
comment on view dreams.recent_episodes is 'short_term_episodes, the latest first.';
comment on view dreams.knowledge_graph is 'semantic_network with the texts of both memories and the community of the first.';
comment on view dreams.memory_timeline is 'long_term_memories in the order in which they were written, with the title of each one''s episode.';

comment on table dreams.migration is 'Which versions this schema has been brought to.';
comment on column dreams.migration.version is 'Number of the migration, from 1.';
comment on column dreams.migration.file is 'Its file in the program.';
comment on column dreams.migration.applied_at is 'Time of the cycle that applied it.';
$comments$, E'\n') loop
  begin
    if statement <> '' then execute statement; end if;
  exception when undefined_column or undefined_table or wrong_object_type then null;
  end;
end loop;
end $apply$;

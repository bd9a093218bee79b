import { z } from 'zod';

const number = (value: number, low: number, high: number) => z.number().min(low).max(high).default(value);
const whole = (value: number, low: number, high: number) => z.int().min(low).max(high).default(value);

/**
 * The science parameters, by the names of the predecessor where it had them. Each is bound by name in the SQL that uses it.
 * [V] read in the paper or its data, [M] standard literature, [S] simulated or fitted here, [D] a design choice without a
 * literature value.
 */
export const parametersSchema = z.strictObject({
  /** Slots per agent and window; Miller 1956 [M]. */
  working_memory_capacity: whole(7, 3, 12),
  /** Half-width v of the capacity's fluctuation, Binomial(2v, ½) - v; Cowan et al. 2016 report that capacity fluctuates [V]. */
  working_memory_capacity_variance: whole(2, 0, 3),
  /** Minutes of event time attended together; a convention, not biology [D]. */
  working_memory_window_minutes: number(5, 0.5, 60),
  /** Seconds after which recency counts half in the attention priority [D]. */
  attention_half_life: number(120, 10, 900),
  /** Minutes of silence that end an episode; web-session convention, 25.5 min in Catledge & Pitkow 1995 [M]. */
  stm_duration_minutes: number(30, 5, 180),
  /** Context drift per position in an episode; TCM, Howard & Kahana 2002 [M form, D value]. */
  tcm_rho: number(0.6, 0.3, 0.9),
  /** Farthest position in an episode that is still associated [D]. */
  tcm_max_lag: whole(7, 3, 10),
  /** Hours over which a strong memory tags its neighbours; Frey & Morris 1997, Moncada & Viola 2007 [M]. */
  tag_tau_hours: number(1, 0.5, 3),
  /** Tag above which a memory is ready for consolidation [D]. */
  tag_threshold: number(0.35, 0.2, 0.6),
  /** η of the bounded Hebbian form [D]. */
  hebbian_learning_rate: number(0.1, 0.01, 0.5),
  /** Days after which an unused association counts half [D]. */
  edge_half_life_days: number(30, 7, 365),
  /** Associations kept per memory [S]. */
  edge_top_k: whole(32, 8, 64),
  /** Earlier mentions of an entity that a new mention is associated with [S]. */
  entity_prev_k: whole(4, 1, 8),
  /** Nearest neighbours by meaning that a new embedding is associated with [D]. */
  knn_k: whole(10, 1, 32),
  /** Cosine of two embeddings from which they are associated; HippoRAG has 0.8 for synonyms [V], right for a model only [D]. */
  knn_min_cos: number(0.6, 0.2, 0.95),
  /** Memories replayed per night at most [D]. */
  replay_budget: whole(200, 20, 10_000),
  /** Days ahead for which a replay's gain is reckoned [D]. */
  replay_horizon_days: number(30, 1, 365),
  /** Damping γ of the need term; Mattar & Daw 2018 [V]. */
  ppr_damping: number(0.9, 0.3, 0.95),
  /** ρ of the two-trace transfer; shape CLS [M], value tuned to graded retrograde amnesia [S]. */
  cls_rho: number(0.15, 0.05, 0.4),
  /** κ: how much a fitting schema speeds the transfer; tuned to Tse et al. 2007 [S]. */
  cls_schema_kappa: number(2, 0, 5),
  /** Days after which the hippocampal trace is half; rodent gradients of 1-4 weeks [M]. */
  hippocampal_half_life_days: number(7, 1, 30),
  /** Days after which the cortical trace is half [D]. */
  cortical_half_life_days: number(365, 90, 3650),
  /** Cortical trace from which a memory counts as transferred [S]. */
  fate_transfer: number(0.5, 0.2, 0.9),
  /** Retrievability from which a memory stays in the replay pool [S]. */
  fate_retain: number(0.7, 0.5, 0.95),
  /** Retrievability below which a memory is archived [S]. */
  fate_forget: number(0.4, 0.05, 0.6),
  /** Mean association weight that scaling aims at [D]. */
  homeostasis_target: number(0.35, 0.2, 0.6),
  /** Largest relative change of one scaling; de Vivo et al. 2017: 18 % [V]. */
  scaling_max_step: number(0.18, 0.05, 0.3),
  /** Quantile of weights above which downscaling spares; de Vivo et al. 2017 [V]. */
  protected_quantile: number(0.8, 0.7, 0.95),
  /** Weight below which an idle association is pruned [D]. */
  weak_connection_threshold: number(0.05, 0.01, 0.15),
  /** Distant associations kept per night [D]. */
  rem_association_batch_size: whole(100, 10, 1000),
});

/** All science parameters with their defaults filled in. */
export type Parameters = z.infer<typeof parametersSchema>;

-- Each formula of the science once, with its source. Times t and stabilities S are in days.

-- Sums of doubles depend on their order, and threads change the order; decimals do not. Same rows, same bits.
create or replace macro exact_sum(x) as sum(x::decimal(38, 18))::double;
create or replace macro exact_avg(x) as sum(x::decimal(38, 18))::double / count(x);

create or replace macro days_between(earlier, later) as
  (epoch_us(later::timestamp) - epoch_us(earlier::timestamp)) / 86400000000.0;

-- Lazy decay: what remains after t when half remains after half_life (same unit).
create or replace macro half_life_decay(t, half_life) as pow(0.5, greatest(t, 0) / half_life);

-- FSRS-6 (open-spaced-repetition, ts-fsrs 5.4 algorithm.ts, default weights w0..w20).
-- Retrievability R(t,S) = (1 + F t/S)^(-w20), F = 0.9^(-1/w20) - 1, so that R(S,S) = 0.9.
-- F is written out to its last bit: DuckDB would work it out for each use, within a fold for each event.
create or replace macro fsrs_r(t, s) as pow(1.0 + 9.803464944134797e-1 * greatest(t, 0) / s, -0.1542);
-- Initial stability S0(G) = w[G-1]; difficulty D0(G) = w4 - exp(w5 (G-1)) + 1, in [1, 10].
create or replace macro fsrs_s0(g) as [0.212, 1.2931, 2.3065, 8.2956][g];
create or replace macro fsrs_d0(g) as least(10.0, greatest(1.0, 6.4133 - exp(0.8334 * (g - 1)) + 1));
-- D' = w7 D0(4) + (1-w7) (D - w6 (G-3) (10-D)/9): linear damping, then mean reversion.
create or replace macro fsrs_next_d(d, g) as least(10.0, greatest(1.0,
  0.001 * (6.4133 - exp(0.8334 * 3) + 1.0) + 0.999 * (d - 3.0194 * (g - 3) * (10.0 - d) / 9.0)));
-- S' after an interval dt: the same instant, a lapse (G=1), or a success.
create or replace macro fsrs_next_s(s, d, r, g, dt) as least(36500.0, greatest(0.001, case
  when dt <= 0 and g >= 2 then s * greatest(1.0, exp(0.5425 * (g - 3 + 0.0912)) * pow(s, -0.0658))
  when dt <= 0 then s * exp(0.5425 * (g - 3 + 0.0912)) * pow(s, -0.0658)
  when g = 1 then least(
    1.4835 * pow(d, -0.0614) * (pow(s + 1, 0.2629) - 1) * exp((1 - r) * 1.6483),
    s / exp(0.5425 * 0.0912))
  else s * (1 + exp(1.8722) * (11 - d) * pow(s, -0.1666) * (exp((1 - r) * 0.796) - 1)
    * case g when 2 then 0.6014 when 4 then 1.8729 else 1.0 end) end));

-- Grade of an encoding by importance; what got no slot in working memory counts a little less.
create or replace macro grade_of(importance) as
  case when importance < importance_low() then 1 when importance < importance_moderate() then 2
    when importance < importance_vital() then 3 else 4 end;
create or replace macro encode_grade(importance, attended) as
  grade_of(importance * case when attended then 1 else unattended_share() end);

-- Complementary learning systems (McClelland, McNaughton & O'Reilly 1995; two-compartment form).
-- The hippocampal trace only decays from its encoding; each replay in sleep moves a share of it to the cortical one.
create or replace macro hippocampal_trace(t, half_life) as half_life_decay(t, half_life);
-- However well a memory fits, one replay leaves a twentieth of the way to go: the cortical trace never gets to 1. A design choice.
create or replace macro largest_cortical_step() as 0.95;
create or replace macro cortical_step(s_c, idle, s_h, schema_fit, rho, kappa, half_life) as
  1 - (1 - s_c * half_life_decay(idle, half_life))
    * (1 - least(largest_cortical_step(), rho * s_h * (1 + kappa * coalesce(schema_fit, 0))));
create or replace macro consolidation_state(s_h, s_c) as case
  when s_c / nullif(s_h + s_c, 0) >= schematized_share() then 'schematized'
  when s_c / nullif(s_h + s_c, 0) >= consolidating_share() then 'consolidating'
  else 'episodic' end;

-- One step of the fold over a memory's events; a is the state so far, b the next event with its state empty.
--   k kind, g grade, t time in days, z in sleep, f schema fit; s, d FSRS state; c cortical trace; u its time; o first time
-- A restudy restarts the clock and strengthens nothing (the gain fitted to Roediger & Karpicke 2006 is zero).
create or replace macro fold_event(a, b, rho, kappa, hippocampal, cortical) as {
  'k': b.k, 'g': b.g, 't': b.t, 'z': b.z, 'f': b.f,
  's': case when b.k = 'restudy' then a.s else fsrs_next_s(a.s, a.d, fsrs_r(b.t - a.t, a.s), b.g, b.t - a.t) end,
  'd': case when b.k = 'restudy' then a.d else fsrs_next_d(a.d, b.g) end,
  'c': case when b.z then cortical_step(a.c, b.t - a.u, hippocampal_trace(b.t - a.o, hippocampal), b.f, rho, kappa, cortical)
    else a.c end,
  'u': case when b.z then b.t else a.u end,
  'o': a.o };
-- An event as the fold takes it; as the first one it begins the trace, and nothing is in the cortex yet.
create or replace macro event_step(kind, grade, ts, schema_fit) as {
  'k': kind, 'g': grade, 't': epoch_us(ts) / 86400000000.0, 'z': kind = 'replay', 'f': schema_fit,
  's': fsrs_s0(grade)::double, 'd': fsrs_d0(grade)::double, 'c': 0::double,
  'u': epoch_us(ts) / 86400000000.0, 'o': epoch_us(ts) / 86400000000.0 };
create or replace macro fold_events(steps) as list_reduce(steps, lambda a, b: fold_event(a, b, cls_rho(), cls_schema_kappa(),
  hippocampal_half_life_days(), cortical_half_life_days()));

-- Recency at the end of a window, so many seconds after a memory was written.
create or replace macro attention_recency(seconds) as half_life_decay(seconds, attention_half_life());
-- Attention priority: additive, after Park et al. 2023.
create or replace macro attention(recency, importance, urgency, arousal, novelty) as
  attention_recency_weight() * recency + attention_importance_weight() * importance + attention_urgency_weight() * urgency
    + attention_arousal_weight() * arousal + attention_novelty_weight() * novelty;

-- How far a synaptic tag reaches: after three time constants a twentieth of it is left, less than any threshold.
create or replace macro tag_reach() as to_seconds(3 * 3600 * tag_tau_hours());

-- Working memory's capacity fluctuates from trial to trial (Cowan et al. 2016): Binomial(2v, ½) - v around the mean, the
-- same for the same agent and window.
create or replace macro fluctuating_capacity(agent, tick, mean_capacity, v) as
  mean_capacity - v + bit_count(hash(agent || ':' || tick) & ((1::ubigint << (2 * v)::ubigint) - 1));

-- Bounded Hebb in closed form (soft bound; van Rossum, Bi & Turrigiano 2000), w' = 1 - (1 - w) Π (1 - η c); w is what is left of
-- the weight. log_product is Σ ln(1 - η c), so a batch in any order equals one by one.
create or replace macro hebb(w, log_product) as 1 - (1 - w) * exp(log_product);
create or replace macro hebb_factor(eta, activation) as ln(1 - eta * activation);
-- Weight of a new association from the evidence x of its generators: 1 - exp(-Σ x).
create or replace macro first_weight(evidence) as 1 - exp(-evidence);
-- Rarity of an entity: Robertson & Spärck Jones's idf as BM25 uses it, never negative.
create or replace macro idf(n, df) as ln(1 + (n - df + 0.5) / (df + 0.5));

-- Gain of replaying now (Mattar & Daw 2018, mapped to a memory store): retrievability gained over the horizon.
create or replace macro replay_gain(importance, s, d, idle, horizon) as
  (replay_importance_floor() + (1 - replay_importance_floor()) * importance) * greatest(1e-10,
    fsrs_r(horizon, fsrs_next_s(s, d, fsrs_r(idle, s), replay_grade(), idle)) - fsrs_r(idle + horizon, s));

-- Multiplicative scaling (Turrigiano 2008), bounded by the step that de Vivo et al. 2017 measured over a night: so many of them as days.
create or replace macro scaling_factor(target, mean_w, max_step, days) as
  greatest(pow(1 - max_step, days), least(pow(1 - max_step, -least(days, 365)), target / mean_w));
-- Upwards all links grow by the same factor, as far as the strongest still has somewhere to go: none is cut off at a bound, and each ratio stays.
create or replace macro strongest_scaled() as 0.99;
create or replace macro bounded_scaling(factor, strongest) as least(factor, greatest(1, strongest_scaled() / strongest));

-- Plausible and far at once: resource allocation (Zhou, Lü & Zhang 2009) times an inverted U of distance.
create or replace macro creative_score(resource_allocation, distance) as
  resource_allocation / (resource_allocation + rem_plausibility_half()) * distance * (2 - distance);

-- What later need looks like: importance, and each use of it takes a share of what is left, since what was needed is needed again (Anderson &
-- Schooler 1991). Novelty does not raise it: it told need on one journal and the contrary on another.
create or replace macro need_of(importance, uses) as 1 - (1 - importance) * pow(1 - use_need_share(), uses);
-- The retrievability from which a memory is retained: the less it is needed, the higher. fate_retain is that of a middling need.
create or replace macro retain_limit(need) as
  fate_retain() + fate_need_weight() * ((importance_moderate() + importance_vital()) / 2 - need);
-- The retrievability below which it is archived. What tells next to nothing, told nothing new and was never used goes soon.
create or replace macro forget_limit(need, novelty) as
  fate_forget() + (fate_retain() - fate_forget()) * greatest(0, 1 - need / importance_low()) * (1 - novelty);
create or replace macro at_limit(least, need) as printf(', limit %.2f at need %.2f', least, need);

-- How a memory is described. The ages are those of their names; a high fidelity is that of FSRS within a memory's stability, a low
-- one that of a memory which the fates let go.
create or replace macro memory_age(t) as case
  when t < 1 then 'recent' when t < 7 then 'week_old' when t < 30 then 'month_old' else 'remote' end;
create or replace macro memory_fidelity(r) as case
  when r >= 0.9 then 'high' when r >= fate_retain() then 'medium' when r >= fate_forget() then 'low' else 'degraded' end;

-- Overlap of two sets given as lists without repetition; two empty sets overlap in nothing.
create or replace macro jaccard(a, b) as
  len(list_intersect(a, b)) / nullif(len(list_distinct(list_concat(a, b))), 0);
-- Surprise of a memory's entities after those of the three memories before it: what they do not share. Each memory counts half as
-- much as the one after it, 4 : 2 : 1, and 7 is their sum; a design choice, after the drift of context.
create or replace macro surprise(entities, first_before, second_before, third_before) as
  1 - (
    4 * coalesce(jaccard(entities, first_before), 0)
    + 2 * coalesce(jaccard(entities, second_before), 0)
    + coalesce(jaccard(entities, third_before), 0)) / 7;

-- The agents' rows. A time that DuckDB, PostgreSQL and ISO 8601 all write alike, in UTC; NULL where it is none.
create or replace macro storable_time(t) as case
  when try_cast(t as timestamptz) between '0001-01-01 00:00:00+00'::timestamptz and '9999-12-31 23:59:59.999999+00'::timestamptz
  then try_cast(t as timestamptz) at time zone 'UTC' end;
-- Why a text cannot be stored as a name (an id, an agent) in a PostgreSQL text that has an index; NULL where it can. An entry of
-- an index has 2,704 bytes, and a link has two ids.
create or replace macro unstorable_name(x) as case
  when contains(x, chr(0)) then 'holds a NUL character, which PostgreSQL cannot store'
  when strlen(x) > 1000 then 'is longer than 1000 bytes' end;
-- What an agent may change in a row that it has written; equal where nothing was.
create or replace macro row_hash(agent, content, context, tags, metadata, updated_at) as
  hash(agent, content, context, tags, metadata::varchar, updated_at);
-- An aggregate: the members of an episode and their words, in order.
create or replace macro members_hash_of(memory_id, content_hash, place) as
  md5(string_agg(memory_id || ' ' || content_hash, ',' order by place));
-- `a, b` and PostgreSQL's own `{a,"b"}` as a list.
create or replace macro split_tags(x) as list_filter(
  list_transform(string_split(regexp_replace(trim(x), '^\{(.*)\}$', '\1', 's'), ','), lambda tag: trim(tag, ' "')),
  lambda tag: tag <> '');

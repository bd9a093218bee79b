import { expect, test } from 'vitest';
import { refoldHistory } from '../../activities/refold.ts';
import { runner, type StepContext } from '../../activities/step.ts';
import { createMacros } from '../../duckdb/macros.ts';
import { FOLDS, type Fold } from '../../memory/folds.ts';
import { parameterTable, type Parameters } from '../../memory/parameters.ts';
import { hashParameters } from '../../profiles/parameter-hash.ts';
import { makeProfile } from '../support/database.ts';
import { Lab, makeEnvironment, openLab, type Written } from '../support/lab.ts';

const BOUND = ['ingestMemories', 'readFeatures', 'attendMemories', 'bindEpisodes'] as const;
const SLEEP = [...BOUND, 'consolidateTraces'] as const;
const SCALED = [...SLEEP, 'scaleAssociations'] as const;
const NIGHTS = 6;
const DAY = 86_400_000;
const night = (day: number, hours = 0) => new Date(Date.UTC(2026, 2, 1 + day, 3 + hours)).toISOString();
/** Within half a day of the last night, so that no other is lived: what changes is what is folded again. */
const later = (hours: number) => night(NIGHTS, hours);

const TRACES = 'select * exclude (changed_at) from trace order by memory_id';
/** In which order memories were replayed in a night does not count for their traces. */
const STRENGTHS =
  'select memory_id, first_at, last_at, n_access, stability, difficulty, s_c, s_c_at from trace order by 1';
const WEIGHTS = 'select src, dst, w, last_at, co_activation_count from association order by 1, 2';
const weightsOf = (lab: Lab) => lab.list('select w from association order by src, dst');
const folded = async (lab: Lab) => ({ traces: await lab.rows(TRACES), weights: await lab.rows(WEIGHTS) });

/** One parameter of each fold and more, far from where they were. */
const OTHERS: Partial<Parameters> = {
  ...{ cls_rho: 0.3, hippocampal_half_life_days: 12, cortical_half_life_days: 100 },
  ...{ hebbian_learning_rate: 0.3, edge_half_life_days: 9 },
};

/** Two a day in one episode, all of them important. */
const JOURNAL = Array.from({ length: 8 }, (_, at): Written => ({
  ...{ id: `m${String(at)}`, at: new Date(Date.UTC(2026, 2, 1 + Math.floor(at / 2), 10, (at % 2) * 9)).toISOString() },
  ...{ agent: 'ada', content: `memory ${String(at)}`, found: { importance: 0.9, mentions: ['Halifax'] } },
}));

/** The same database as it is opened with other parameters, whether a profile may have them together or not. */
async function change({ database }: Lab, others: Partial<Parameters>): Promise<Lab> {
  const plain = makeProfile({ extensions: ['json'] });
  const profile = {
    ...plain,
    pipeline: { ...plain.pipeline, parameters: { ...plain.pipeline.parameters, ...others } },
  };
  await database.use((connection) => createMacros({ connection, profile }));
  return new Lab(profile, database);
}

/** Six nights over four days; on the third day two memories are told to have been of use to one recall. */
async function sleep(parameters: Partial<Parameters> = {}, steps: readonly (typeof SCALED)[number][] = SCALED) {
  const lab = await openLab(parameters);
  for (let day = 1; day <= NIGHTS; day += 1) {
    const [from, to] = [Date.parse(night(day)) - DAY, Date.parse(night(day))];
    await lab.write(...JOURNAL.filter(({ at }) => Date.parse(at) >= from && Date.parse(at) < to));
    if (day === 4)
      await lab.rows(`insert into recall_feedback select 'r', unnest(['m0', 'm5']), 'used', unnest([1, 2]),
        '2026-03-04 15:00', '2026-03-04 15:01', '2026-11-01', null`);
    await lab.live(night(day), steps);
  }
  return lab;
}

test('what was lived with other parameters becomes what it would have been with these from the start', async () => {
  // Neither the fates nor what is schematized decide otherwise, and nothing is scaled by what the weights were.
  const still = { fate_transfer: 0.9, schematized_share: 0.9 };
  const fromStart = await sleep({ ...still, ...OTHERS }, SLEEP);
  const before = await sleep(still, SLEEP);
  const log = [
    'select memory_id, ts, kind, grade, schema_fit from event order by all',
    'select src, dst, ts, activation from coactivation order by all',
  ];
  for (const each of log) expect(await before.rows(each)).toEqual(await fromStart.rows(each));
  expect(await before.rows(STRENGTHS)).not.toEqual(await fromStart.rows(STRENGTHS));
  expect(await before.rows(WEIGHTS)).not.toEqual(await fromStart.rows(WEIGHTS));

  const lab = await change(before, { ...still, ...OTHERS });
  await lab.run('consolidateTraces', later(2));
  expect(await lab.rows(STRENGTHS)).toEqual(await fromStart.rows(STRENGTHS));
  expect(await lab.rows(WEIGHTS)).toEqual(await fromStart.rows(WEIGHTS));
});

/** Weights by the closed form, from what links began with. */
async function expectWeights(lab: Lab, { hebbian_learning_rate: eta, edge_half_life_days: half }: Parameters) {
  const days = (name: string) => `epoch_us(${name}) / 86400000000.0`;
  const steps = await lab.rows(
    `select step::int as step, kind, ${days('as_of')} as at, factor, spared from weight_step order by step`,
  );
  const active = await lab.rows('select src, dst, step::int as step, activation from coactivation');
  const links = await lab.rows(
    `select src, dst, first_w, ${days('first_at')} as at, first_step::int as first from association order by 1, 2`,
  );
  const folds = links.map((link) => ({ link, w: link['first_w'] as number, at: link['at'] as number }));
  for (const row of steps) {
    const now = row['at'] as number;
    const there = folds.filter(({ link }) => (row['step'] as number) > (link['first'] as number));
    const left = ({ w, at }: { w: number; at: number }) => w * Math.pow(0.5, Math.max(0, now - at) / half);
    if (row['kind'] === 'scale') {
      const strongest = Math.max(...there.map(({ w }) => w));
      const factor = Math.min(row['factor'] as number, Math.max(1, 0.99 / strongest));
      for (const fold of there) if (factor >= 1 || left(fold) <= (row['spared'] as number)) fold.w *= factor;
      continue;
    }
    for (const fold of there) {
      const { src, dst } = fold.link;
      const of = active.filter((each) => each['step'] === row['step'] && each['src'] === src && each['dst'] === dst);
      if (of.length === 0) continue;
      fold.w =
        1 - (1 - left(fold)) * of.reduce((product, each) => product * (1 - eta * (each['activation'] as number)), 1);
      fold.at = Math.max(fold.at, now);
    }
  }
  return folds.map(({ w }) => expect.closeTo(w, 12) as number);
}

test('the whole log is folded with the new parameters, and back with the old ones to the last bit', async () => {
  const first = await sleep();
  const before = await folded(first);
  expect(await first.list('select distinct kind from weight_step order by 1')).toEqual(['scale', 'strengthen']);
  expect(await first.list(`select count(*)::int from association where made_by = 'co-use'`)).toEqual([2]);
  expect(await weightsOf(first)).toEqual(await expectWeights(first, first.profile.pipeline.parameters));

  const other = await change(first, OTHERS);
  const counts = await other.run('consolidateTraces', later(2));
  const [memories, links] = [before.traces.length, before.weights.length];
  expect(counts).toMatchObject({ refolded: memories, refolded_links: links, replayed: 0, strengthened: 0 });
  const weights = await weightsOf(other);
  expect(weights).toEqual(await expectWeights(other, other.profile.pipeline.parameters));
  const traces = await other.rows(TRACES);
  await other.rows('delete from trace');
  await other.database.use((connection) => runner(connection, { as_of: later(2) })('consolidation.fold-event'));
  expect(traces).toEqual(await other.rows(TRACES));
  expect(traces).not.toEqual(before.traces);
  expect(other.lines).toEqual([
    `history: cls_rho is 0.3 now, it was 0.15; hippocampal_half_life_days is 12 now, it was 7; ` +
      `cortical_half_life_days is 100 now, it was 365; hebbian_learning_rate is 0.3 now, it was 0.1; edge_half_life_days is 9 now, ` +
      `it was 30: the traces of ${String(memories)} memories and the weights of ${String(links)} links were folded again from the log`,
  ]);

  const back = await change(first, {});
  await back.run('consolidateTraces', later(4));
  expect(await folded(back)).toEqual(before);
});

test('the first stage after a change folds history again before it reads weights, whichever it is', async () => {
  const scalings = async (first: 'consolidateTraces' | 'scaleAssociations' | 'bindEpisodes') => {
    const lab = await change(await sleep(), { hebbian_learning_rate: 0.01, edge_half_life_days: 365 });
    await lab.run(first, later(1));
    expect(lab.lines).toHaveLength(1);
    expect(await weightsOf(lab)).toEqual(
      first === 'scaleAssociations' ? expect.anything() : await expectWeights(lab, lab.profile.pipeline.parameters),
    );
    if (first !== 'scaleAssociations') await lab.run('scaleAssociations', later(1));
    await lab.run('consolidateTraces', later(2));
    // Once for each change.
    expect(lab.lines).toHaveLength(1);
    return {
      steps: await lab.rows(`select kind, factor, spared from weight_step where as_of >= '${later(1)}'::timestamp`),
      weights: await weightsOf(lab),
    };
  };
  const expected = await scalings('consolidateTraces');
  expect(expected.steps).toMatchObject([{ kind: 'scale' }]);
  expect(await scalings('scaleAssociations')).toEqual(expected);
  expect(await scalings('bindEpisodes')).toEqual(expected);
});

test('exactly the parameters that are listed change what a fold gives', async () => {
  const lab = await sleep();
  // A neighbour that fits its schema, which a few days do not make.
  await lab.rows(`update event set schema_fit = 0.5 where kind = 'replay'`);
  const zeros = JSON.stringify({
    parameters: Object.fromEntries(Object.values(FOLDS).flatMap((names) => names.map((name) => [name, 0]))),
    ...{ cycle: '', counts: {} },
  });
  const fold = async (parameters: Partial<Parameters>) => {
    const { database, profile } = await change(lab, parameters);
    await lab.rows(`update setting set value = '${zeros}' where name = 'fold'`);
    await database.use((connection) => {
      const run = runner(connection, { as_of: later(2) });
      const input = { asOf: later(2), dryRun: false, limits: {} };
      const commit: StepContext['commit'] = (body) => body();
      return refoldHistory({
        run,
        commit,
        commits: false,
        report: () => undefined,
        profile,
        input,
      } as unknown as StepContext);
    });
    return folded(lab);
  };
  const before = await fold({});
  const changed: Record<Fold, string[]> = { traces: [], weights: [] };
  for (const [name, { default: value, min, max }] of Object.entries(parameterTable)) {
    const after = await fold({ [name]: max - value > value - min ? max : min });
    for (const each of ['traces', 'weights'] as const)
      if (JSON.stringify(after[each], asText) !== JSON.stringify(before[each], asText)) changed[each].push(name);
  }
  const sorted = Object.entries(FOLDS).map(([fold, names]) => [fold, names.toSorted()]);
  expect({ traces: changed.traces.sort(), weights: changed.weights.sort() }).toEqual(Object.fromEntries(sorted));
});
const asText = (_: string, value: unknown) => (typeof value === 'bigint' ? value.toString() : value);

test('a profile that has not changed, or changed only in what decides at the time, folds nothing again', async () => {
  const first = await sleep();
  const [before, setting] = [await first.state(), await first.rows(`from setting where name = 'fold'`)];
  for (const [hours, parameters] of [{}, { replay_budget: 20, schema_fit_links: 1 }].entries()) {
    const lab = await change(first, parameters);
    const counts = await lab.run('consolidateTraces', later(hours + 1));
    expect(Object.keys(counts)).not.toContain('refolded');
    expect(lab.lines).toEqual([]);
  }
  const { trace, association } = await first.state();
  expect({ trace, association }).toEqual({ trace: before['trace'], association: before['association'] });
  expect(await first.rows(`from setting where name = 'fold'`)).toEqual(setting);
});

test('a fold that is broken off leaves all as it was, and the next attempt does it once', async () => {
  const whole = await change(await sleep(), OTHERS);
  await whole.run('consolidateTraces', later(2));
  const first = await sleep();
  const before = await first.state();
  const lab = await change(first, OTHERS);

  // The traces have been folded by then.
  await lab.rows('alter table coactivation rename to elsewhere');
  await expect(lab.run('consolidateTraces', later(2))).rejects.toThrow('coactivation');
  await lab.rows('alter table elsewhere rename to coactivation');
  const { changed_cycle: _, ...after } = await first.state();
  expect(after).toEqual(Object.fromEntries(Object.entries(before).filter(([name]) => name !== 'changed_cycle')));

  // The fold is there by then, and the step is not done.
  await lab.rows('alter table fate rename to elsewhere');
  await expect(lab.run('consolidateTraces', later(2))).rejects.toThrow('fate');
  await lab.rows('alter table elsewhere rename to fate');
  const told = () => lab.lines.filter((line) => line.includes('folded again'));
  expect(told()).toHaveLength(1);
  const counts = await lab.run('consolidateTraces', later(2));
  expect(counts).toMatchObject({ refolded: JOURNAL.length });
  expect(told()).toHaveLength(1);
  expect(await lab.state()).toEqual(await whole.state());
  // The ledger answers, and the cycle after it has folded nothing.
  expect(await lab.run('consolidateTraces', later(2))).toEqual(counts);
  expect(Object.keys(await lab.run('consolidateTraces', later(3)))).not.toContain('refolded');
});

test('a rehearsal counts what would be folded again, and keeps and says nothing of it', async () => {
  const first = await sleep();
  const before = await first.state();
  const lab = await change(first, OTHERS);
  const input = { asOf: later(2), dryRun: true, limits: {}, stages: ['consolidation'] as const };
  const counts: { consolidation?: unknown } = await makeEnvironment().run(lab.activities.rehearse, input);
  expect(counts.consolidation).toMatchObject({ refolded: JOURNAL.length });
  expect(lab.lines).toEqual([]);
  expect(await lab.state()).toEqual(before);
});

test('of a file that does not say with which parameters it was folded the traces are folded again, once, and links stay', async () => {
  const first = await sleep();
  const before = await folded(first);
  await first.rows(`delete from setting where name = 'fold'`);
  const lab = await change(first, OTHERS);
  const counts = await lab.run('consolidateTraces', later(2));
  expect(counts).toMatchObject({ refolded: JOURNAL.length });
  expect(lab.lines).toEqual([
    `history: the traces of ${String(JOURNAL.length)} memories were folded again from the log: nothing says with which parameters they were`,
  ]);
  const after = await folded(lab);
  expect(after.weights).toEqual(before.weights);
  expect(after.traces).not.toEqual(before.traces);
  expect(Object.keys(await lab.run('consolidateTraces', later(3)))).not.toContain('refolded');
});

test('a first cycle has nothing to fold again', async () => {
  const lab = await openLab();
  await lab.write(...JOURNAL);
  expect(Object.keys((await lab.live(night(NIGHTS), SLEEP)).consolidateTraces ?? {})).not.toContain('refolded');
  expect(lab.lines).toEqual([]);
});

test('every row of a cycle bears the hash of the parameters that it was lived with', async () => {
  const first = await sleep();
  const of = (lab: Lab) => hashParameters(lab.profile.pipeline);
  expect(await first.list('select distinct parameters from ledger')).toEqual([of(first)]);
  const lab = await change(first, { replay_budget: 20 });
  await lab.live(night(NIGHTS + 1), SCALED);
  const rows = `select distinct parameters from ledger where as_of = '${night(NIGHTS + 1)}'::timestamp`;
  expect(await lab.list(rows)).toEqual([of(lab)]);
  expect(of(lab)).not.toBe(of(first));
});

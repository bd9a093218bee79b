import { describe, expect, test } from 'vitest';
import type { Parameters } from '../../memory/parameters.ts';
import type { StateSummary } from '../../memory/types.ts';
import { makeEnvironment, openLab, type Lab, type Written } from '../support/lab.ts';
import { makeRandom } from '../support/random.ts';

const BIND = ['ingestMemories', 'readFeatures', 'attendMemories', 'bindEpisodes'] as const;
const SLEEP = [...BIND, 'consolidateTraces'] as const;
const NIGHTS = ['2026-03-02T03:00:00Z', '2026-03-03T03:00:00Z', '2026-03-04T03:00:00Z'] as const;

/** What is said of a recall at noon of the second of March, a minute later, unless told otherwise. */
interface Said {
  readonly recall?: string;
  readonly id: string;
  readonly kind?: 'used' | 'wrong';
  readonly rank?: number;
  readonly asked?: string;
  readonly noted?: string;
}

/** As it stands here after it was read from schema dreams. */
async function say(lab: Lab, ...said: readonly Said[]): Promise<void> {
  for (const { recall = 'r', id, kind = 'used', rank = 1, asked = '2026-03-02T12:00:00Z', noted } of said) {
    const given = noted ?? new Date(Date.parse(asked) + 60_000).toISOString();
    await lab.rows(`insert into recall_feedback values ('${recall}', '${id}', '${kind}', ${String(rank)}, timestamptz '${asked}' at time zone 'UTC',
      timestamptz '${given}' at time zone 'UTC', '2026-11-01', null)`);
  }
}

/** Memories of one agent, an hour apart, so that each is its own episode and nothing links them. */
const alone = (ids: readonly string[], importance = 0.5): Written[] =>
  ids.map((id, index) => ({
    ...{ id, agent: 'ada', content: id, found: { importance } },
    at: new Date(Date.UTC(2026, 2, 1, 6 + index)).toISOString(),
  }));

async function openAlone(ids: readonly string[], parameters: Partial<Parameters> = {}, importance = 0.5): Promise<Lab> {
  const lab = await openLab(parameters);
  await lab.write(...alone(ids, importance));
  await lab.live(NIGHTS[0], SLEEP);
  return lab;
}

const TRACES = 'select * exclude (changed_at, last_event_id) from trace order by memory_id';
const RECALLS = `select memory_id, ts::varchar as ts, grade from event where kind = 'recall' order by event_id`;
const stability = async (lab: Lab) =>
  Object.fromEntries(
    (await lab.rows('select memory_id, stability from trace')).map((row) => [row['memory_id'], row['stability']]),
  ) as Record<string, number>;

describe('a memory that was of use to a recall', () => {
  test('is stabler, is replayed first and has a better fate than one that is alike', async () => {
    const lab = await openAlone(['alike', 'of-use'], {}, 0.1);
    const before = await stability(lab);
    expect(before['of-use']).toBe(before['alike']);
    await say(lab, { id: 'of-use', asked: '2026-03-05T12:00:00Z' });
    const { consolidateTraces } = await lab.live('2026-03-06T03:00:00Z', SLEEP);
    expect(consolidateTraces).toMatchObject({ recalls_used: 1, replayed: 1 });
    const after = await stability(lab);
    expect(after['of-use']).toBeGreaterThan(2 * (after['alike'] ?? 0));
    expect(await lab.list(`select memory_id from event where kind = 'replay'`)).toEqual(['of-use']);
    expect(await lab.rows('select memory_id, fate from fate order by memory_id')).toEqual([
      { memory_id: 'alike', fate: 'gradual_forgetting' },
      { memory_id: 'of-use', fate: 'hippocampal_retention' },
    ]);
  });

  test('was recalled when the question was asked, with the grade of FSRS that the profile says', async () => {
    const lab = await openAlone(['a'], { use_grade: 4 });
    await say(lab, { id: 'a', noted: '2026-03-02T20:00:00Z' });
    await lab.live(NIGHTS[1], SLEEP);
    expect(await lab.rows(RECALLS)).toEqual([{ memory_id: 'a', ts: '2026-03-02 12:00:00', grade: 4 }]);
  });

  test('is replayed before what promises more, once; the next night goes by gain x need again', async () => {
    const lab = await openLab();
    await lab.write(
      ...alone(['vital', 'plain']).map((each, at) => ({ ...each, found: { importance: at === 0 ? 0.9 : 0.3 } })),
    );
    await lab.live(NIGHTS[0], SLEEP);
    await say(lab, { id: 'plain' });
    const first = (night: string) =>
      lab.list(
        `select memory_id from event where kind = 'replay' and cycle_id = '${new Date(night).toISOString()}' order by event_id`,
      );
    await lab.live(NIGHTS[1], SLEEP);
    expect(await first(NIGHTS[1])).toEqual(['plain', 'vital']);
    await lab.live(NIGHTS[2], SLEEP);
    expect(await first(NIGHTS[2])).toEqual(['vital', 'plain']);
  });

  test('is ready at once, and stays so when its readiness is judged again', async () => {
    const lab = await openAlone(['a']);
    const ready = 'select ready_for_consolidation as ready, why from readiness';
    expect(await lab.rows(ready)).toEqual([{ ready: false, why: null }]);
    await say(lab, { id: 'a' });
    await lab.live(NIGHTS[1], SLEEP);
    expect(await lab.rows(ready)).toEqual([{ ready: true, why: 'used' }]);
    await lab.write({ ...alone(['a'])[0]!, content: 'reworded', updated: '2026-03-03T10:00:00Z' });
    await lab.live(NIGHTS[2], SLEEP);
    expect(await lab.rows(ready)).toEqual([{ ready: true, why: 'used' }]);
  });

  test('is not let go for some days, however little it is remembered; later it is judged like any other', async () => {
    const lab = await openAlone(['a'], { recent_use_days: 3, fate_retain: 0.95 }, 0.1);
    await say(lab, { id: 'a' });
    // By another cycle, in which there was no place for it.
    await lab.rows(`insert into lived_night select 'other', '2026-03-05 03:00', 0, max(event_id) from event`);
    const fate = async (asOf: string) => {
      await lab.run('consolidateTraces', asOf, undefined, { limits: { replays: 0 } });
      return lab.rows('select fate, why from fate');
    };
    const fading = (limit: string) => [
      { fate: 'gradual_forgetting', why: `retrievability is falling and nothing speaks for it, limit ${limit}` },
    ];
    expect(await fate('2026-03-02T11:00:00Z')).toEqual(fading('1.20 at need 0.10'));
    expect(await fate('2026-03-05T11:00:00Z')).toEqual([{ fate: 'hippocampal_retention', why: 'used lately' }]);
    // As one that was needed once.
    expect(await fate('2026-03-05T13:00:00Z')).toEqual(fading('0.97 at need 0.55'));
  });
});

describe('memories that were of use to the same recall', () => {
  const links = (lab: Lab) =>
    lab.rows('select src || dst as pair, w, co_activation_count as n, made_by from association order by pair');

  test('are associated, and strengthened where they were', async () => {
    const lab = await openAlone(['a', 'b', 'c']);
    expect(await links(lab)).toEqual([]);
    await say(lab, { id: 'a' }, { id: 'b', rank: 2 }, { id: 'c', kind: 'wrong', rank: 3 });
    expect((await lab.live(NIGHTS[1], SLEEP)).consolidateTraces).toMatchObject({ recalls_used: 2, recalls_wrong: 1 });
    const first = await links(lab);
    expect(first).toEqual(
      ['ab', 'ba'].map((pair) => ({ pair, n: 1, w: expect.closeTo(1 - 0.9 * Math.exp(-0.5), 9), made_by: 'co-use' })),
    );
    await say(lab, { recall: 's', id: 'a', asked: NIGHTS[1] }, { recall: 's', id: 'b', rank: 2, asked: NIGHTS[1] });
    await lab.live(NIGHTS[2], SLEEP);
    const second = await links(lab);
    expect(second.map(({ n }) => n)).toEqual([2, 2]);
    expect(second[0]!['w']).toBeGreaterThan(first[0]!['w'] as number);
  });

  test.each<[Partial<Parameters>, number]>([
    [{ evidence_co_use: 1 }, 1 - 0.9 * Math.exp(-1)],
    [{ co_use_activation: 0.5 }, 1 - 0.95 * Math.exp(-0.5)],
  ])('weigh with %j %d', async (parameters, w) => {
    const lab = await openAlone(['a', 'b'], parameters);
    await say(lab, { id: 'a' }, { id: 'b', rank: 2 });
    await lab.live(NIGHTS[1], SLEEP);
    expect((await links(lab))[0]).toMatchObject({ w: expect.closeTo(w, 9) });
  });

  test('are so only among the first places of its answer, which bounds the pairs', async () => {
    const ids = Array.from({ length: 12 }, (_, index) => `m${String(index).padStart(2, '0')}`);
    const lab = await openAlone(ids, { co_use_ranks: 3 });
    await say(lab, ...ids.map((id, index) => ({ id, rank: index + 1 })));
    await lab.live(NIGHTS[1], SLEEP);
    expect((await links(lab)).map(({ pair }) => pair)).toEqual([
      'm00m01',
      'm00m02',
      'm01m00',
      'm01m02',
      'm02m00',
      'm02m01',
    ]);
    expect(await lab.list(`select count(*)::int from event where kind = 'recall'`)).toEqual([12]);
  });

  test('are so once, whether it was said of both at once or in two cycles', async () => {
    const pairs = 'select src, dst, ts::varchar as ts, activation from coactivation order by all';
    const once = await openAlone(['a', 'b']);
    await say(once, { id: 'a' }, { id: 'b', rank: 2 });
    for (const night of NIGHTS.slice(1)) await once.live(night, SLEEP);
    const twice = await openAlone(['a', 'b']);
    await say(twice, { id: 'a' });
    await twice.live(NIGHTS[1], SLEEP);
    expect(await twice.rows(pairs)).toEqual([]);
    await say(twice, { id: 'b', rank: 2 });
    await twice.live(NIGHTS[2], SLEEP);
    expect(await twice.rows(pairs)).toEqual(await once.rows(pairs));
    expect(await once.list('select count(*)::int from coactivation')).toEqual([2]);
  });

  test('keep no more links than any other', async () => {
    const ids = Array.from({ length: 20 }, (_, index) => `m${String(index).padStart(2, '0')}`);
    const lab = await openAlone(ids, { edge_top_k: 8 });
    await say(
      lab,
      ...ids.slice(1).flatMap((id) => [
        { recall: id, id: 'm00' },
        { recall: id, id, rank: 2 },
      ]),
    );
    await lab.live(NIGHTS[1], SLEEP);
    expect(await lab.list(`select count(*)::int from association where src = 'm00'`)).toEqual([8]);
  });
});

describe('what recalls were told', () => {
  test('and is wrong leaves everything as if nothing had been recalled', async () => {
    const [told, untold] = [await openAlone(['a', 'b', 'c'], {}, 0.8), await openAlone(['a', 'b', 'c'], {}, 0.8)];
    await say(told, { id: 'a', kind: 'wrong' }, { id: 'b', kind: 'wrong', rank: 2 });
    for (const lab of [told, untold]) for (const night of NIGHTS.slice(1)) await lab.live(night, SLEEP);
    const { ledger: _, ...state } = await told.state();
    const { ledger: __, ...expected } = await untold.state();
    expect(state).toEqual(expected);
  });

  test('is no part of the checksum before it is folded', async () => {
    const lab = await openAlone(['a']);
    const before = await lab.state();
    await say(lab, { id: 'a' });
    expect(await lab.state()).toEqual(before);
  });

  test('gives the same state in whatever order it came', async () => {
    const ids = ['a', 'b', 'c', 'd', 'e'];
    const said = Array.from({ length: 8 }, (_, recall) =>
      ids.map((id, index): Said => {
        const kind = (recall + index) % 4 === 0 ? 'wrong' : 'used';
        return { recall: `r${recall}`, id, kind, rank: index + 1, asked: `2026-03-02T1${recall}:00:00Z` };
      }),
    ).flat();
    const random = makeRandom(7);
    const shuffled = said.map((each) => [random(), each] as const).toSorted(([x], [y]) => x - y);
    const states = [];
    for (const order of [said, shuffled.map(([, each]) => each)]) {
      const lab = await openAlone(ids);
      await say(lab, ...order);
      await lab.live(NIGHTS[1], SLEEP);
      states.push(await lab.state());
    }
    expect(states[1]).toEqual(states[0]);
  });

  test('gives the same traces at once and over several cycles', async () => {
    const ids = ['a', 'b'];
    const said = Array.from({ length: 6 }, (_, hour): Said[] =>
      ids.map((id, index) => ({ recall: `r${hour}`, id, rank: index + 1, asked: `2026-03-02T1${hour}:00:00Z` })),
    );
    const split = await openAlone(ids);
    for (const [hour, part] of said.entries()) {
      await say(split, ...part.toReversed());
      // Asleep only at the end: what is replayed in between belongs to what happened.
      await makeEnvironment().run(split.activities.consolidateTraces, {
        ...{ asOf: `2026-03-02T1${hour}:30:00Z`, dryRun: false, limits: { replays: 0 } },
      });
    }
    const once = await openAlone(ids);
    await say(once, ...said.flat());
    for (const lab of [split, once]) await lab.live(NIGHTS[1], SLEEP);
    expect(await split.rows(TRACES)).toEqual(await once.rows(TRACES));
    const coactivations = 'select src, dst, ts, activation from coactivation order by all';
    expect(await split.rows(coactivations)).toEqual(await once.rows(coactivations));
  });

  test('is folded once, also when a step is run again whose end was lost', async () => {
    const lab = await openAlone(['a', 'b']);
    await say(lab, { id: 'a' }, { id: 'b', rank: 2 });
    await lab.live(NIGHTS[1], SLEEP);
    const log = async () => [await lab.rows(RECALLS), await lab.rows('from coactivation order by all')];
    const once = await log();
    expect(await lab.run('consolidateTraces', NIGHTS[1])).toMatchObject({ recalls_used: 2 });
    await lab.rows(`delete from ledger where step = 'consolidateTraces' and as_of = '2026-03-03 03:00'`);
    expect(await lab.run('consolidateTraces', NIGHTS[1])).toMatchObject({ recalls_used: 2 });
    expect(await log()).toEqual(once);
  });

  test('stays as it was when the step that folds it fails', async () => {
    const lab = await openAlone(['a']);
    await say(lab, { id: 'a' });
    await lab.live(NIGHTS[1], BIND);
    const before = await lab.state();
    await lab.rows('alter table fate rename to lost');
    await expect(lab.run('consolidateTraces', NIGHTS[1])).rejects.toThrow();
    await lab.rows('alter table lost rename to fate');
    expect(await lab.state()).toEqual(before);
    expect(await lab.list('select folded_in from recall_feedback')).toEqual([null]);
    expect(await lab.run('consolidateTraces', NIGHTS[1])).toMatchObject({ recalls_used: 1 });
  });

  test('of a memory that is not known or was deleted is passed over and counted, once', async () => {
    const lab = await openAlone(['a', 'gone']);
    await lab.erase('gone');
    await say(lab, { id: 'a' }, { id: 'gone', rank: 2 }, { id: 'never', rank: 3 });
    const counts = (await lab.live(NIGHTS[1], SLEEP)).consolidateTraces;
    expect(counts).toMatchObject({ recalls_used: 1, recalls_passed_over: 2 });
    expect((await lab.live(NIGHTS[2], SLEEP)).consolidateTraces).not.toHaveProperty('recalls_passed_over');
    expect(await lab.list(`select memory_id from event where kind = 'recall'`)).toEqual(['a']);
    expect(await lab.list('select count(*)::int from coactivation')).toEqual([0]);
  });

  test('after asOf waits for a later cycle, whether it was asked or only graded then', async () => {
    const lab = await openAlone(['a', 'b']);
    await say(
      lab,
      { recall: 'asked', id: 'a', asked: '2026-03-03T12:00:00Z' },
      { recall: 'graded', id: 'b', noted: '2026-03-03T12:00:00Z' },
    );
    expect((await lab.live(NIGHTS[1], SLEEP)).consolidateTraces).not.toHaveProperty('recalls_used');
    expect((await lab.live(NIGHTS[2], SLEEP)).consolidateTraces).toMatchObject({ recalls_used: 2 });
  });

  test('of a memory that no cycle has attended to yet waits until it is encoded', async () => {
    const lab = await openLab();
    await lab.write(...alone(['a']));
    await lab.live(NIGHTS[0], ['ingestMemories']);
    await say(lab, { id: 'a', asked: '2026-03-01T10:00:00Z' });
    await lab.run('consolidateTraces', '2026-03-01T11:00:00Z');
    expect(await lab.list('select folded_in from recall_feedback')).toEqual([null]);
    expect((await lab.live(NIGHTS[1], SLEEP)).consolidateTraces).toMatchObject({ recalls_used: 1 });
    expect(await lab.list(`select kind from event where kind <> 'replay' order by ts`)).toEqual(['encode', 'recall']);
  });

  test('is told of a memory in what is kept', async () => {
    const lab = await openAlone(['a']);
    await say(lab, { id: 'a' });
    await lab.live(NIGHTS[1], SLEEP);
    const bound = { asOf: NIGHTS[1], limit: 1 };
    const summary: StateSummary = await makeEnvironment().run(lab.activities.summarizeState, bound);
    expect(summary.kept[0]?.why).toContain('used 1 time,');
  });
});

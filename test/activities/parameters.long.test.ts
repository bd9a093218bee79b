import { expect, test } from 'vitest';
import type { Parameters } from '../../memory/parameters.ts';
import { openLab, type Lab, type StepName, type Written } from '../support/lab.ts';

const BIND = ['ingestMemories', 'readFeatures', 'attendMemories', 'bindEpisodes'] as const;
const SLEEP = [...BIND, 'consolidateTraces'] as const;
const LEARN = [...SLEEP, 'integrateNetwork', 'learnGists'] as const;

const DAYS = ['2026-03-01', '2026-03-02', '2026-03-03', '2026-03-04'] as const;
/** One memory of ada's; what is not said of it is 0.5 of importance and no entity. */
const at = (time: string, id: string, found: Written['found'] = {}): Written => ({
  ...{ id, at: `2026-03-01T${time}:00Z`, agent: 'ada', content: id, found },
});

/** What a query gives by the defaults, and with the changed parameters, after the steps of some nights. */
async function compare(
  changed: Partial<Parameters>,
  written: readonly Written[],
  steps: readonly StepName[],
  read: string,
  between: (lab: Lab) => Promise<unknown> = () => Promise.resolve(),
): Promise<[unknown[], unknown[]]> {
  const answers: unknown[][] = [];
  for (const parameters of [{}, changed]) {
    const lab = await openLab(parameters);
    await lab.write(...written);
    await lab.live('2026-03-05T03:00:00Z', steps);
    await between(lab);
    await lab.live('2026-03-06T03:00:00Z', steps);
    answers.push(await lab.list(read));
  }
  const [before = [], after = []] = answers;
  return [before, after];
}

test('surprise: how far above the mean, after how many', async () => {
  const steady = Array.from({ length: 7 }, (_, index) =>
    at(`10:0${String(index)}`, `r${String(index)}`, { mentions: ['Halifax', `t${String(index % 2)}`] }),
  );
  const written = [
    ...steady,
    ...['08', '09'].map((minute) => at(`10:${minute}`, `s${minute}`, { mentions: ['Kyoto'] })),
  ];
  const read = 'select boundary from episode order by started_at';
  for (const changed of [{ surprise_gamma: 2 }, { surprise_min_predecessors: 8 }])
    expect(await compare(changed, written, BIND, read)).toEqual([['first', 'surprise'], ['first']]);
});

test('readiness: from which importance on, after how many uses', async () => {
  const read = 'select ready_for_consolidation from readiness order by memory_id';
  expect(await compare({ importance_strong: 0.6 }, [at('10:00', 'a', { importance: 0.65 })], BIND, read)).toEqual([
    [false],
    [true],
  ]);
  // Reworded, so that its readiness is judged again, after two restudies.
  const again = async (lab: Lab) => {
    await lab.rows(`insert into event by name select n as event_id, 'a' as memory_id, timestamp '2026-03-05 09:00' as ts,
      'restudy' as kind, 'by hand' as cycle_id from range(2, 4) t(n)`);
    await lab.write({ ...at('10:00', 'a'), content: 'reworded', updated: '2026-03-05T10:00:00Z' });
  };
  expect(await compare({ ready_uses: 3 }, [at('10:00', 'a')], BIND, read, again)).toEqual([[true], [false]]);
});

test('associations: how much evidence an entity and an episode are, and which entity is too common', async () => {
  const written = [at('10:00', 'a', { mentions: ['Halifax'] }), at('12:00', 'b', { mentions: ['Halifax'] })];
  const strong = `select round(-ln(1 - w), 6) from association where src = 'a'`;
  const [[usual], [doubled]] = await compare({ evidence_entity: 0.2 }, written, BIND, strong);
  expect(doubled).toBeCloseTo(2 * (usual as number), 5);
  const episode = [at('10:00', 'a'), at('10:01', 'b')];
  expect(await compare({ evidence_episode: 1 }, episode, BIND, strong)).toEqual([[0.3], [0.6]]);
  const many = Array.from({ length: 25 }, (_, index) => ({
    ...at('10:00', `m${String(index)}`, { mentions: ['Halifax'] }),
    at: `2026-02-0${String(1 + (index % 5))}T${String(10 + Math.floor(index / 5))}:00:00Z`,
  }));
  const links = 'select count(*)::int from association';
  const [[linked], [unlinked]] = await compare({ entity_max_mentions: 20 }, many, BIND, links);
  expect(linked).toBeGreaterThan(0);
  expect(unlinked).toBe(0);
});

test('replay: its grade', async () => {
  const grade = `select distinct grade from event where kind = 'replay'`;
  const written = [at('10:00', 'a', { importance: 0.9 })];
  expect(await compare({ replay_grade: 4 }, written, SLEEP, grade)).toEqual([[3], [4]]);
});

test('fate: when a transferred memory is transferred no longer', async () => {
  const read = 'select fate from fate';
  const held = (lab: Lab) => lab.rows(`update fate set fate = 'cortical_transfer'; update trace set s_c = 0.3`);
  const written = [at('10:00', 'a', { importance: 0.5 })];
  expect(await compare({ fate_transfer_release: 0.9 }, written, SLEEP, read, held)).toEqual([
    ['cortical_transfer'],
    ['hippocampal_retention'],
  ]);
});

test('learning: how many memories a gist, how many episodes and days an insight needs', async () => {
  const morning = (date: string, name: string, count: number): Written[] =>
    Array.from({ length: count }, (_, minute) => ({
      ...at('10:00', `${name} ${date} ${String(minute)}`, { importance: 0.9, mentions: [name] }),
      content: date === DAYS[1] ? `${name} lost the broken attic key.` : `${name} decided to keep the spare attic key.`,
      ...{ at: `${date}T10:0${String(minute)}:00Z`, agent: `${name}'s agent` },
    }));
  const hold = (lab: Lab) => lab.rows(`update fate set fate = 'cortical_transfer'; update trace set s_c = 0.9`);
  const gists = 'select count(*)::int from gist';
  expect(await compare({ gist_min_members: 2 }, morning(DAYS[0], 'Kyoto', 2), LEARN, gists, hold)).toEqual([[0], [1]]);
  const two = [...morning(DAYS[0], 'Kyoto', 1), ...morning(DAYS[1], 'Kyoto', 1)];
  const insights = 'select count(*)::int from insight';
  expect(await compare({ insight_min_days: 2, insight_min_episodes: 2 }, two, LEARN, insights)).toEqual([[0], [1]]);
  expect(await compare({ insight_min_days: 2 }, two, LEARN, insights)).toEqual([[0], [0]]);
  const three = ['Kyoto', 'Halifax'].flatMap((name) => DAYS.flatMap((date) => morning(date, name, 1)));
  expect(await compare({ insight_limit: 1 }, three, LEARN, insights)).toEqual([[2], [1]]);
  const weak = three.map((memory) => ({ ...memory, found: { ...memory.found, importance: 0.45 } }));
  expect(await compare({ importance_moderate: 0.5 }, weak, LEARN, insights)).toEqual([[2], [0]]);
});

test('homeostasis: after how long, and after how few uses, a weak association goes', async () => {
  const weak = (lab: Lab) =>
    lab.rows(
      `insert into association (src, dst, w, co_activation_count, last_at, changed_at) values ('a', 'b', 0.01, 1, '2026-01-25', '2026-01-25')`,
    );
  const read = 'select count(*)::int from association';
  const steps = ['ingestMemories', 'readFeatures', 'scaleAssociations'] as const;
  const written = [at('10:00', 'a'), at('10:01', 'b')];
  expect(await compare({ prune_idle_days: 60 }, written, steps, read, weak)).toEqual([[0], [1]]);
  expect(await compare({ prune_min_coactivations: 1 }, written, steps, read, weak)).toEqual([[0], [1]]);
});

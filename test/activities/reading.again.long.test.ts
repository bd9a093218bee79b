import { describe, expect, test } from 'vitest';
import { gistTask } from '../../activities/long-term-memory.gist.prompt.ts';
import { insightTask } from '../../activities/long-term-memory.insight.prompt.ts';
import { episodeTask } from '../../activities/short-term-memory.episode.prompt.ts';
import { featuresTask } from '../../activities/working-memory.features.prompt.ts';
import { signRules } from '../../llm/rules.ts';
import { BUDGET, down, openDesk } from '../support/desk.ts';
import type { Lab, StepName, Written } from '../support/lab.ts';
import { forEach, sayLittle } from '../support/scripted-answers.ts';

/** Every 31 days, so that each night has the rate limit of a month to itself: one prompt, and more with new memories. */
const nights = Array.from({ length: 6 }, (_, month) => new Date(Date.UTC(2026, 3, 1 + 31 * month, 3)).toISOString());
const [FIRST, SECOND, THIRD, FOURTH, FIFTH, SIXTH] = nights as [string, string, string, string, string, string];

const names = ['Halifax', 'Kyoto', 'Lisbon', 'Geneva', 'Nairobi', 'Oslo', 'Quito', 'Sofia', 'Tunis', 'Vienna', 'Warsaw',
  'Zagreb', 'Cairo']; // prettier-ignore

const told = (name: string, day: number, minute: number): Written => ({
  id: `${name}-${String(day)}-${String(minute)}`,
  at: new Date(Date.UTC(2026, 2, day, 10, minute)).toISOString(),
  agent: name,
  content: `It happened in ${name}.`,
});

interface Kind {
  readonly task: {
    readonly name: string;
    readonly version: number;
    readonly batch: number;
    readonly rulesVersion: number;
  };
  readonly table: string;
  readonly text: string;
  readonly step: StepName;
  /** Which row tells of Halifax in the first morning: the least important, the smallest or the weakest. */
  readonly least: string;
  /** Takes back what was said there. */
  readonly unsay: string;
  /** Memories that make so many of the kind, and nothing else that the step asks about. */
  readonly of: (count: number) => Written[];
  readonly transferred?: boolean;
}

const features: Kind = {
  ...{ task: featuresTask, table: 'feature', text: 'gist', step: 'readFeatures' },
  ...{ least: `memory_id = 'Halifax-1-0'`, unsay: 'delete from feature' },
  of: (count) => Array.from({ length: count }, (_, hour) => told('Halifax', 1, 60 * hour)),
};
const episode: Kind = {
  ...{ ...features, task: episodeTask, table: 'episode', text: 'title', step: 'describeEpisodes' },
  ...{ least: `started_at = (select min(started_at) from episode)`, unsay: 'update episode set made_by = null' },
};
const minutes = (name: string) => (name === 'Halifax' ? [0, 1, 2] : [0, 1, 2, 3]);
const gist: Kind = {
  ...{ task: gistTask, table: 'gist', text: 'semantic_gist', step: 'learnGists', transferred: true },
  ...{ least: `community_id = 'Halifax-1-0'`, unsay: 'delete from gist' },
  of: (count) =>
    names
      .slice(0, count)
      // A community that tells nothing has no gist.
      .flatMap((name) =>
        minutes(name).map((minute) => ({
          ...told(name, 1, minute),
          content: `The old bridge of ${name} broke down in a spring storm.`,
        })),
      ),
};
const insight: Kind = {
  ...{ task: insightTask, table: 'insight', text: 'content', step: 'learnGists' },
  ...{ least: `theme = 'Halifax'`, unsay: 'delete from insight' },
  of: (count) =>
    names.slice(0, count).flatMap((name) =>
      // A theme that says nothing has no insight, nor has the name of who writes.
      [
        `They decided to spend the stormy spring in ${name}.`,
        `A stormy spring in ${name} caused an outage.`,
        `It happened in ${name}.`,
      ].map((content, day) => ({ ...told(name, day + 1, 0), content, agent: 'ada' })),
    ),
};

const madeBy = (lab: Lab, { table }: Kind) => lab.rows(`select made_by, count(*)::int as n from ${table} group by 1`);

/** A desk at which rules have read and written everything in the first night; then its model is there. */
async function openAfterRules(kind: Kind, count: number, ...options: Parameters<typeof openDesk>) {
  const desk = await openDesk(...options);
  const { lab, become } = desk;
  become(down);
  await lab.write(...kind.of(count));
  await lab.live(FIRST, ['ingestMemories', 'readFeatures']);
  await lab.rows(`update feature set importance = case when memory_id = 'Halifax-1-0' then 0.8 else 0.9 end`);
  await lab.live(FIRST, ['attendMemories', 'bindEpisodes', 'describeEpisodes', 'consolidateTraces']);
  // The nights since the first memory have transferred some: a gist is only asked about where it is meant.
  await lab.rows(`update fate set fate = '${kind.transferred ? 'cortical_transfer' : 'hippocampal_retention'}'`);
  await lab.live(FIRST, ['integrateNetwork', 'learnGists']);
  expect(await madeBy(lab, kind)).toEqual([{ made_by: signRules(kind.task), n: count }]);
  become('m@000000000001');
  return { ...desk, live: async (night: string) => (await lab.live(night, [kind.step]))[kind.step] };
}

describe.each([features, episode, gist, insight])('of $table,', (kind) => {
  test('what rules said a model says again, and another model or digest once more; one that is away takes nothing back', async () => {
    const { lab, become, live } = await openAfterRules(kind, 2);
    await live(SECOND);
    expect(await madeBy(lab, kind)).toEqual([
      { made_by: `ollama:m@000000000001#${kind.task.name}.${String(kind.task.version)}`, n: 2 },
    ]);
    become(down);
    const before = await lab.rows(`from ${kind.table} order by all`);
    await live(THIRD);
    expect(await lab.rows(`from ${kind.table} order by all`)).toEqual(before);
    become('m@000000000002');
    await live(FOURTH);
    expect(await madeBy(lab, kind)).toEqual([
      { made_by: `ollama:m@000000000002#${kind.task.name}.${String(kind.task.version)}`, n: 2 },
    ]);
    become('n@000000000002');
    await live(FIFTH);
    expect(await madeBy(lab, kind)).toEqual([
      { made_by: `ollama:n@000000000002#${kind.task.name}.${String(kind.task.version)}`, n: 2 },
    ]);
  });

  test('what an older version of the rules said this one says again, without a model and without a budget', async () => {
    const { lab, model, become, live } = await openAfterRules(kind, 2, sayLittle, { budget: { ...BUDGET, calls: 0 } });
    const texts = () => lab.list(`select ${kind.text} from ${kind.table} order by all`);
    const before = await texts();
    for (const [night, identity] of [
      [SECOND, 'm@000000000001'],
      [THIRD, down],
    ] as const) {
      // prettier-ignore
      become(identity);
      await lab.rows(`update ${kind.table} set made_by = 'rules#0', ${kind.text} = 'old'`);
      await live(night);
      expect(await madeBy(lab, kind)).toEqual([{ made_by: signRules(kind.task), n: 2 }]);
      expect(await texts()).toEqual(before);
    }
    expect(model.asked).toEqual([]);
  });

  test('what no answer fits comes up three times for each model, and no more', async () => {
    const { lab, become, live } = await openAfterRules(kind, 2, ({ schema }) => forEach(schema, { odd: true }));
    const before = await lab.rows(`from ${kind.table} order by all`);
    for (const night of [SECOND, THIRD, FOURTH]) expect(await live(night)).toMatchObject({ model_unfit: 2 });
    const later = await live(FIFTH);
    for (const gone of ['model_unfit', 'model_calls', 'model_cached', 'waiting_for_model'])
      expect(later).not.toHaveProperty(gone);
    become('m@000000000002');
    expect(await live(SIXTH)).toMatchObject({ model_unfit: 2, waiting_for_model: 2 });
    expect(await lab.rows(`from ${kind.table} order by all`)).toEqual(before);
  });

  test('the most important, the largest or the strongest go first, and before them what nothing was said of yet', async () => {
    const { lab, become, live } = await openAfterRules(kind, kind.task.batch + 1);
    const least = () => lab.list(`select made_by from ${kind.table} where ${kind.least}`);
    await live(SECOND);
    expect(await madeBy(lab, kind)).toContainEqual({ made_by: signRules(kind.task), n: 1 });
    expect(await least()).toEqual([signRules(kind.task)]);
    await lab.rows(`${kind.unsay} where ${kind.least}`);
    become('m@000000000002');
    await live(THIRD);
    expect(await least()).toEqual([`ollama:m@000000000002#${kind.task.name}.${String(kind.task.version)}`]);
  });

  test('what failed lets the rest go first', async () => {
    const { batch } = kind.task;
    const { lab, live } = await openAfterRules(kind, batch + 1, ({ schema }) => forEach(schema, { odd: true }));
    const tried = () => lab.list('select count(*)::int from llm_unfit');
    await live(SECOND);
    expect(await tried()).toEqual([batch]);
    await live(THIRD);
    expect(await tried()).toEqual([batch + 1]);
  });
});

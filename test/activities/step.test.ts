import { setTimeout } from 'node:timers/promises';
import { describe, expect, test, vi } from 'vitest';
import { runStep, type Step } from '../../activities/step.ts';
import type { Embedder } from '../../llm/embedder.ts';
import { rules } from '../../llm/rules.ts';
import type { Reader } from '../../llm/task.ts';
import { STAGES } from '../../memory/types.ts';
import { scriptEmbedder } from '../support/scripted-embedder.ts';
import { makeEnvironment, NIGHT, openLab, type Lab, type StepName, type Written } from '../support/lab.ts';

const NIGHTS = ['2026-03-02T03:00:00Z', '2026-03-03T03:00:00Z', '2026-03-04T03:00:00Z'] as const;
const INPUT = { asOf: NIGHTS[0], dryRun: false, limits: {} };

/** A decision, and on one day trouble: what tells nothing has neither a gist nor an insight. */
const tell = (day: number, minute: number, [place, person]: readonly string[]) =>
  day === 2
    ? `${person} lost the broken key ${minute} at ${place}.`
    : `${person} decided to always keep the spare key ${minute} at ${place}.`;

/** Two projects whose people meet again day after day: enough for episodes, gists and distant pairs. */
function makeDays(): Written[] {
  const projects = [
    ['Halifax', 'Noor'],
    ['Kyoto', 'Ines'],
  ];
  return [1, 2, 3].flatMap((day) =>
    projects.flatMap((mentions, project) =>
      [0, 1, 2, 3].map((minute) => ({
        id: `d${day}p${project}m${minute}`,
        at: `2026-03-0${day}T1${project}:0${minute}:00Z`,
        agent: 'ada',
        content: `Day ${day}: ${mentions.join(' and ')} agreed on point ${minute}.`,
        found: { importance: 0.4 + minute / 5, arousal: project / 2, mentions, gist: tell(day, minute, mentions) },
      })),
    ),
  );
}

/** Knows both projects, so that some of their memories are two links apart: pairs for dreaming up. */
const BRIDGE: Written = {
  ...{ id: 'bridge', at: '2026-03-02T12:00:00Z', agent: 'ada', content: 'Noor and Ines met.' },
  found: { importance: 0.5, mentions: ['Noor', 'Ines'], gist: 'met' },
};

/** A fact that changes. */
const PORTS: readonly Written[] = [
  {
    id: 'port1',
    at: '2026-03-01T15:00:00Z',
    agent: 'ada',
    content: 'The broker on moss listens on port 1883 for the nodes.',
  },
  {
    id: 'port2',
    at: '2026-03-02T15:00:00Z',
    agent: 'ada',
    content: 'The broker on moss now listens on port 8883 for the nodes.',
  },
];

async function writtenLab(llm?: (scripted: Reader) => Reader, embedder: Embedder | null = null): Promise<Lab> {
  // So fast a transfer, and so many tags, that three nights reach every stage.
  const lab = await openLab({ cls_rho: 0.4, tag_share: 1 }, llm, {}, { embedder });
  await lab.write(...makeDays());
  return lab;
}

test('every step, run a second time, changes no row and answers the same counts', async () => {
  const { embedder } = scriptEmbedder((text) => [text.length, Number(/\d/.exec(text)), 30]);
  const lab = await writtenLab(undefined, embedder);
  await lab.write(BRIDGE, ...PORTS);
  for (const night of NIGHTS) {
    for (const step of [...NIGHT, 'publishRecall'] as const) {
      const counts = await lab.run(step, night);
      const before = await lab.state();
      expect(await lab.run(step, night), step).toEqual(counts);
      expect(await lab.state(), step).toEqual(before);
    }
  }
  // Else it would have been easy.
  const empty = Object.entries(await lab.state()).filter(([, hash]) => hash.startsWith('0 '));
  expect(empty).toEqual([]);
});

describe('a step that fails in the middle', () => {
  test('leaves nothing, and the next run gives the state of an undisturbed one', async () => {
    const calm = await writtenLab();
    for (const night of NIGHTS) await calm.live(night);
    // Thrown once each, at the text of this number.
    const failures = new Map([
      ['features', 3],
      ['episode', 3],
      ['gist', 2],
      ['insight', 2],
    ]);
    const asked = new Map<string, number>();
    const lab = await writtenLab((scripted) => ({
      ...scripted,
      answerMany: async (task, inputs, signal) => {
        const before = asked.get(task.name) ?? 0;
        const failure = failures.get(task.name) ?? 0;
        asked.set(task.name, before + inputs.length);
        if (before < failure && failure <= before + inputs.length) throw new Error(`${task.name} broke off`);
        return scripted.answerMany(task, inputs, signal);
      },
    }));
    const broken: string[] = [];
    for (const night of NIGHTS) {
      for (const step of NIGHT) broken.push(...(await runStubbornly(lab, step, night)));
    }
    const expected = ['readFeatures: features', 'describeEpisodes: episode', 'learnGists: gist', 'learnGists: insight'];
    expect(broken.toSorted()).toEqual(expected.map((text) => `${text} broke off`).toSorted());
    expect(await lab.state()).toEqual(await calm.state());
  });

  test('rolls back what its first statements did', async () => {
    const lab = await writtenLab();
    await lab.live(NIGHTS[0], NIGHT.slice(0, 5));
    const before = await lab.state();
    await lab.rows('alter table fate rename to misplaced');
    await expect(lab.run('consolidateTraces', NIGHTS[0])).rejects.toThrow(
      /^consolidation\..*\.sql: Catalog Error: .*fate/,
    );
    await lab.rows('alter table misplaced rename to fate');
    expect(await lab.state()).toEqual(before);
  });
});

/** Runs a step until it succeeds; each failure must leave the state as it was. Gives what failed. */
async function runStubbornly(lab: Lab, step: StepName, night: string): Promise<string[]> {
  const before = await lab.state();
  try {
    await lab.run(step, night);
    return [];
  } catch (error) {
    expect(await lab.state()).toEqual(before);
    return [`${step}: ${(error as Error).message}`, ...(await runStubbornly(lab, step, night))];
  }
}

describe('a rehearsal', () => {
  test('counts what a night would do, and changes nothing', async () => {
    const lab = await writtenLab();
    await lab.live(NIGHTS[0]);
    const before = await lab.state();
    const input = { asOf: NIGHTS[1], dryRun: true, limits: {}, stages: STAGES };
    const counts = await makeEnvironment().run(lab.activities.rehearse, input);
    expect(await lab.state()).toEqual(before);
    const night = await lab.live(NIGHTS[1]);
    expect(counts).toMatchObject({
      ingest: night.ingestMemories,
      workingMemory: { ...night.readFeatures, ...night.attendMemories },
      shortTermMemory: { ...night.bindEpisodes, ...night.describeEpisodes },
      consolidation: night.consolidateTraces,
      longTermMemory: { ...night.integrateNetwork, ...night.learnGists },
      homeostasis: night.scaleAssociations,
      rem: night.associateDistantly,
      writeBack: { rows: expect.any(Number) },
    });
    expect((counts as { ingest: unknown }).ingest).toMatchObject({ ingested: 8 });
  });

  test('of some stages tells of these', async () => {
    const lab = await writtenLab();
    const input = { asOf: NIGHTS[0], dryRun: true, limits: {}, stages: ['ingest' as const] };
    expect(await makeEnvironment().run(lab.activities.rehearse, input)).toEqual({
      ingest: { ingested: 8, changed: 0, deleted: 0, waiting: 16 },
    });
  });
});

/** A statement that would run for minutes. */
const endless: Step = {
  name: 'endless',
  finish: async ({ connection }) => {
    await connection.run(`insert into watermark values ('half', '2026-03-01', 'done')`);
    await connection.run('select sum(a.range * b.range) from range(1000000) a, range(1000000) b');
    return {};
  },
};

test('cancelling an activity interrupts its SQL, and nothing of it stays', async () => {
  const { profile, database, ...lab } = await openLab();
  const environment = makeEnvironment();
  const dependencies = { profile, database, reader: rules, embedder: null, ...lab } as unknown as Parameters<
    typeof runStep
  >[0];
  const running = environment.run((input) => runStep(dependencies, endless, input), INPUT);
  const outcome = expect(running).rejects.toMatchObject({ name: 'CancelledFailure' });
  // Long enough for the statement to have begun; the test holds as well when it had not.
  await setTimeout(200);
  const since = performance.now();
  environment.cancel();
  await outcome;
  expect(performance.now() - since).toBeLessThan(2_000);
  const left = await database.use(async (connection) => (await connection.runAndReadAll('from watermark')).getRowsJS());
  expect(left).toEqual([]);
});

test('an activity that is cancelled before it begins does nothing', async () => {
  const lab = await writtenLab();
  const environment = makeEnvironment();
  environment.cancel();
  await expect(lab.run('ingestMemories', NIGHTS[0], environment)).rejects.toMatchObject({ name: 'CancelledFailure' });
  expect(await lab.list('select count(*)::int from raw_memory')).toEqual([0]);
});

test('a step beats every two seconds while it runs, and no longer', async () => {
  const { profile, database } = await openLab();
  const environment = makeEnvironment();
  const beats: unknown[] = [];
  environment.on('heartbeat', (detail) => beats.push(detail));
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  try {
    const step: Step = {
      name: 'slow',
      finish: async () => {
        vi.advanceTimersByTime(6_000);
        return { done: 1 };
      },
    };
    const dependencies = { profile, database, reader: rules, embedder: null } as unknown as Parameters<
      typeof runStep
    >[0];
    expect(await environment.run((input) => runStep(dependencies, step, input), INPUT)).toEqual({ done: 1 });
    vi.advanceTimersByTime(6_000);
  } finally {
    vi.useRealTimers();
  }
  expect(beats).toEqual([1, 2, 3].map(() => ({ percentage: expect.any(Number) })));
});

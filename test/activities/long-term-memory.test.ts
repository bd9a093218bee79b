import { describe, expect, test } from 'vitest';
import type { GistInput } from '../../activities/long-term-memory.gist.prompt.ts';
import type { Reader } from '../../llm/task.ts';
import type { Parameters } from '../../memory/parameters.ts';
import { openLab, type Lab, type Written } from '../support/lab.ts';

const NIGHT_1 = '2026-03-06T03:00:00Z';
const NIGHT_2 = '2026-03-07T03:00:00Z';
const NIGHT_3 = '2026-03-08T03:00:00Z';
const DAY = ['ingestMemories', 'readFeatures', 'attendMemories', 'bindEpisodes', 'consolidateTraces'] as const;
const LEARN = ['integrateNetwork', 'learnGists'] as const;

/** So many memories of one morning about one name: an episode and a community. */
function morning(day: number, name: string, count: number, importance = 0.9): Written[] {
  return Array.from({ length: count }, (_, minute) => ({
    id: `${name}-${day}-${minute}`,
    at: `2026-03-0${day}T10:0${minute}:00Z`,
    agent: `${name}'s agent`,
    // On odd days a decision, on even ones trouble: a theme that says nothing has no insight.
    content: `${name} ${day % 2 === 1 ? 'decided to keep the spare' : 'lost the broken spare'} attic key ${minute}.`,
    found: { importance, mentions: [name] },
  }));
}

/** What homeostasis and weeks of replay would bring about. */
const transfer = (lab: Lab, condition = 'true') =>
  lab.rows(`update fate set fate = 'cortical_transfer' where ${condition}`);
const members = (lab: Lab, table: 'gist' | 'insight') =>
  lab.list(
    `select string_agg(memory_id, ' ' order by memory_id) from ${table}_member join ${table} using (${table}_id)
     group by ${table}_id order by 1`,
  );

describe('the network', () => {
  test('has a community for each group, named after its oldest memory, and centralities that sum to one', async () => {
    const lab = await openLab();
    await lab.write(...morning(1, 'Halifax', 5), ...morning(1, 'Kyoto', 4));
    await lab.live(NIGHT_1, [...DAY, 'integrateNetwork']);
    expect(
      await lab.rows(
        'select community_id, count(*)::int as n from network group by community_id order by community_id',
      ),
    ).toEqual([
      { community_id: 'Halifax-1-0', n: 5 },
      { community_id: 'Kyoto-1-0', n: 4 },
    ]);
    expect(await lab.list('select sum(centrality) from network')).toEqual([expect.closeTo(1, 9)]);
    // The middle of an episode has more and nearer neighbours than its ends.
    expect(
      await lab.list(
        `select memory_id from network where community_id = 'Halifax-1-0' order by centrality desc limit 1`,
      ),
    ).toEqual(['Halifax-1-2']);
  });

  test('leaves the name of a community that falls apart to the larger part, and names the other after a memory that names none', async () => {
    const lab = await openLab();
    await lab.write(...morning(1, 'Halifax', 5));
    await lab.live(NIGHT_1, [...DAY, 'integrateNetwork']);
    expect(await lab.list('select distinct community_id from network')).toEqual(['Halifax-1-0']);
    const isApart = (end: string) => `${end} in ('Halifax-1-0', 'Halifax-1-1')`;
    await lab.rows(`delete from association where ${isApart('src')} <> ${isApart('dst')}`);
    for (const night of [NIGHT_2, NIGHT_3]) {
      await lab.live(night, ['integrateNetwork']);
      expect(await lab.rows('select community_id, count(*)::int as n from network group by all order by all')).toEqual([
        { community_id: 'Halifax-1-0', n: 3 },
        { community_id: 'Halifax-1-1', n: 2 },
      ]);
    }
  });

  test('leaves out what is archived or deleted', async () => {
    const lab = await openLab();
    await lab.write(...morning(1, 'Halifax', 5));
    await lab.live(NIGHT_1, DAY);
    await lab.rows(`update fate set fate = 'rapid_forgetting' where memory_id = 'Halifax-1-1'`);
    await lab.erase('Halifax-1-2');
    await lab.live(NIGHT_2, ['ingestMemories', 'integrateNetwork']);
    expect(await lab.list('select memory_id from network order by 1')).toEqual([
      'Halifax-1-0',
      'Halifax-1-3',
      'Halifax-1-4',
    ]);
  });
});

describe('a gist', () => {
  async function learned(): Promise<Lab> {
    const lab = await openLab();
    await lab.write(...morning(1, 'Halifax', 5), ...morning(1, 'Kyoto', 2));
    await lab.live(NIGHT_1, DAY);
    await transfer(lab, `memory_id <> 'Halifax-1-4'`);
    await lab.live(NIGHT_1, LEARN);
    return lab;
  }
  const FIRST_FOUR = 'Halifax-1-0 Halifax-1-1 Halifax-1-2 Halifax-1-3';

  test('is written for a community with three or more transferred memories, from these alone', async () => {
    const lab = await learned();
    expect(await members(lab, 'gist')).toEqual([FIRST_FOUR]);
    const [gist] = await lab.rows('from gist');
    expect(gist).toMatchObject({ community_id: 'Halifax-1-0', made_by: expect.stringMatching(/^rules#\d+$/) });
    expect(gist!['semantic_gist']).toMatch(
      /^Halifax's agent, 2026-03-01: Halifax decided to keep the spare attic key [0-3]\./,
    );
    expect(await lab.list('select memory_id from gist_member order by position limit 1')).toEqual(
      await lab.list(
        `select memory_id from network join fate using (memory_id) where fate = 'cortical_transfer' order by centrality desc limit 1`,
      ),
    );
  });

  test.each<[Partial<Parameters>, string[], number]>([
    [{}, ['Halifax', 'Quebec'], 4],
    [{ gist_phrase_min_members: 1 }, ['Halifax', 'Kyoto', 'Quebec'], 4],
    [{ gist_phrase_min_members: 3 }, ['Halifax'], 4],
    [{ gist_phrases: 1 }, ['Quebec'], 4],
    [{ gist_read_members: 2 }, ['Halifax', 'Quebec'], 2],
  ])(
    'with %j rests on the phrases %j, which so many of its memories mention, and on %d memories',
    async (parameters, phrases, count) => {
      const asked: GistInput[] = [];
      const listen = (scripted: Reader): Reader => ({
        ...scripted,
        answerMany: (task, inputs, ...rest) => {
          if (task.name === 'gist') asked.push(...(inputs as unknown as GistInput[]));
          return scripted.answerMany(task, inputs, ...rest);
        },
      });
      const lab = await openLab(parameters, listen);
      const others = [['Kyoto'], ['Quebec'], ['Quebec'], []];
      await lab.write(
        ...morning(1, 'Halifax', 4).map((memory, index) => ({
          ...memory,
          found: { ...memory.found, mentions: ['Halifax', ...(others[index] ?? [])] },
        })),
      );
      await lab.live(NIGHT_1, DAY);
      await transfer(lab);
      await lab.live(NIGHT_1, LEARN);
      expect(asked.map((input) => [...input.phrases].sort())).toEqual([phrases]);
      expect(asked.map(({ members }) => members.length)).toEqual([count]);
    },
  );

  test('keeps its id and its words as long as its members are the same', async () => {
    const lab = await learned();
    const before = await lab.rows('from gist');
    expect(await lab.live(NIGHT_2, LEARN)).toMatchObject({ learnGists: { gists: 0 } });
    expect(await lab.rows('from gist')).toEqual(before);
  });

  test('is another one when its members are others, and the old one goes', async () => {
    const lab = await learned();
    const [before] = await lab.list('select gist_id from gist');
    await transfer(lab);
    await lab.live(NIGHT_2, LEARN);
    expect(await members(lab, 'gist')).toEqual([`${FIRST_FOUR} Halifax-1-4`]);
    expect(await lab.list('select gist_id from gist')).not.toContain(before);
    expect(await lab.list('select count(distinct gist_id)::int from gist_member')).toEqual([1]);
  });

  test('quotes no words that have been replaced since', async () => {
    const lab = await learned();
    expect(await lab.list('select semantic_gist from gist')).toEqual([expect.stringContaining('spare attic key')]);
    const reworded = morning(1, 'Halifax', 4).map((memory) => ({
      ...memory,
      content: memory.content!.replace('attic', 'cellar'),
      updated: '2026-03-06T10:00:00Z',
    }));
    await lab.write(...reworded);
    await lab.live(NIGHT_2, DAY);
    await transfer(lab, `memory_id in ('${FIRST_FOUR.replaceAll(' ', "', '")}')`);
    await lab.rows(`update fate set fate = 'gradual_forgetting' where memory_id = 'Halifax-1-4'`);
    await lab.live(NIGHT_2, LEARN);
    expect(await lab.list('select semantic_gist from gist')).toEqual([expect.stringContaining('spare cellar key')]);
  });

  test('tells what was replaced only as what held before, with what replaced it', async () => {
    const lab = await learned();
    await lab.write({
      ...morning(5, 'Halifax', 1)[0]!,
      content: 'Halifax decided to drop the spare attic key 2 now.',
    });
    await lab.live(NIGHT_2, DAY);
    await transfer(lab, `memory_id in ('${FIRST_FOUR.replaceAll(' ', "', '")}')`);
    await lab.rows(`insert into supersession by name select 'Halifax-5-0' as newer, 'Halifax-1-2' as older,
      'Halifax decided to drop the spare attic key 2 now.' as sentence, 1 as score, 'rules#1' as made_by, '${NIGHT_2}'::timestamp as changed_at`);
    await lab.live(NIGHT_2, LEARN);
    const [gist = ''] = (await lab.list(
      `select semantic_gist from gist where semantic_gist like '%key 2%'`,
    )) as string[];
    expect(gist.split('key 2.')).toHaveLength(2);
    expect(gist).toMatch(
      /Now \(2026-03-05\): .*drop the spare attic key 2 now.* Before \(2026-03-01\): .*keep the spare attic key 2\./,
    );
  });

  test('goes when it is no longer true', async () => {
    const lab = await learned();
    await lab.erase('Halifax-1-0', 'Halifax-1-1');
    await lab.live(NIGHT_2, ['ingestMemories', ...LEARN]);
    expect(await members(lab, 'gist')).toEqual([]);
    expect(await lab.list('select count(*)::int from gist_member')).toEqual([0]);
  });
});

describe('what replaced what', () => {
  async function replaced(): Promise<Lab> {
    const lab = await openLab();
    const old = {
      id: 'old',
      at: '2026-03-01T08:00:00Z',
      agent: "Halifax's agent",
      content: 'The attic key costs 3 euros.',
    };
    await lab.write(old, ...[1, 2, 3].flatMap((day) => morning(day, 'Halifax', 2)), {
      ...{
        id: 'new',
        at: '2026-03-04T10:00:00Z',
        agent: "Halifax's agent",
        content: 'Halifax: the attic key costs 4 euros now.',
      },
      found: { importance: 0.9, mentions: ['Halifax'] },
    });
    await lab.live(NIGHT_1, DAY);
    await transfer(lab, `memory_id <> 'old'`);
    await lab.rows(`insert into supersession by name select 'new' as newer, 'old' as older,
      'Halifax: the attic key costs 4 euros now.' as sentence, 2.0 as score, 'by hand' as made_by, timestamp '2026-03-05' as changed_at`);
    return lab;
  }

  test('is named by gist and insight, which rest on the former memory as well, whatever became of it', async () => {
    const lab = await replaced();
    await lab.live(NIGHT_2, LEARN);
    for (const what of ['gist', 'insight'] as const)
      expect(await lab.list(`select count(*)::int from ${what}_member where memory_id = 'old'`)).toEqual([1]);
    expect(await lab.list('select semantic_gist from gist')).toEqual([
      expect.stringContaining(
        'Now (2026-03-04): Halifax: the attic key costs 4 euros now. Before (2026-03-01): The attic key costs 3 euros.',
      ),
    ]);
    expect(await lab.list('select content from insight')).toEqual([
      'Halifax: now (2026-03-04): "Halifax: the attic key costs 4 euros now." before (2026-03-01): "The attic key costs 3 euros."',
    ]);
  });

  test('is not told as what holds now when it has been replaced itself', async () => {
    const lab = await replaced();
    await lab.live(NIGHT_2, LEARN);
    await lab.rows(`insert into supersession by name select 'Halifax-3-1' as newer, 'new' as older, 'x' as sentence, 2.0 as score,
      'by hand' as made_by, timestamp '2026-03-05' as changed_at`);
    await lab.rows(`update fate set fate = 'gradual_forgetting' where memory_id = 'Halifax-3-1'`);
    await lab.live(NIGHT_3, LEARN);
    const all = await lab.list('select semantic_gist from gist union all select content from insight');
    expect(all.length).toBeGreaterThan(0);
    for (const text of all) expect(text).not.toMatch(/now \(2026-03-04\)/i);
  });
});

test('two themes that say the same are one insight: that of the theme which is named', async () => {
  const lab = await openLab();
  const attic = [1, 2, 3].flatMap((day) =>
    morning(day, 'Halifax', 1).map((memory) => ({
      ...memory,
      found: { ...memory.found, mentions: ['Halifax', 'Kyoto'] },
    })),
  );
  await lab.write(...attic, {
    ...{ id: 'more', at: '2026-03-04T10:00:00Z', agent: "Halifax's agent", content: 'Kyoto is far.' },
    found: { importance: 0.9, mentions: ['Kyoto'] },
  });
  await lab.live(NIGHT_1, [...DAY, ...LEARN]);
  expect(await lab.list('select theme from insight')).toEqual(['Halifax']);
});

test.each(['agent', 'shared'])(
  'what two agents write of one thing is learned apart or together by the scope: %s',
  async (scope) => {
    const lab = await openLab({}, undefined, {}, { scope });
    const both = [1, 2, 3].flatMap((day) =>
      morning(day, 'Halifax', 2).map((memory, index) => ({ ...memory, agent: index === 0 ? 'ada' : 'ben' })),
    );
    await lab.write(...both);
    await lab.live(NIGHT_1, DAY);
    await transfer(lab);
    await lab.live(NIGHT_1, LEARN);
    const apart = [0, 1].map((one) => [1, 2, 3].map((day) => `Halifax-${String(day)}-${String(one)}`).join(' '));
    const expected = scope === 'agent' ? apart : [apart.join(' ').split(' ').sort().join(' ')];
    expect(await members(lab, 'gist')).toEqual(expected);
    expect(await members(lab, 'insight')).toEqual(expected);
  },
);

test('a community that tells nothing has no gist', async () => {
  const lab = await openLab();
  const kind = morning(1, 'Halifax', 3).map((memory) => ({
    ...memory,
    content: 'Thanks, great!',
  }));
  await lab.write(...kind);
  await lab.live(NIGHT_1, DAY);
  await transfer(lab);
  expect(await lab.live(NIGHT_1, LEARN)).toMatchObject({ learnGists: { gists: 0 } });
  expect(await lab.rows('from gist')).toEqual([]);
});

describe('an insight', () => {
  test('needs its theme in three episodes on three days', async () => {
    const lab = await openLab();
    // Halifax: three days. Kyoto: two days, three episodes.
    await lab.write(
      ...[1, 2, 3].flatMap((day) => morning(day, 'Halifax', 1)),
      ...[1, 2].flatMap((day) => morning(day, 'Kyoto', 1)),
    );
    await lab.write({
      id: 'Kyoto-2-late',
      at: '2026-03-02T20:00:00Z',
      agent: "Kyoto's agent",
      found: { importance: 0.9, mentions: ['Kyoto'] },
    });
    await lab.live(NIGHT_1, [...DAY, ...LEARN]);
    expect(await members(lab, 'insight')).toEqual(['Halifax-1-0 Halifax-2-0 Halifax-3-0']);
    expect(await lab.rows('select theme, made_by, strength from insight')).toEqual([
      {
        theme: 'Halifax',
        made_by: expect.stringMatching(/^rules#\d+$/),
        // All three of its agent name it: that is no rarity.
        strength: expect.closeTo(2.7 * Math.log(1 + 0.5 / 3.5), 9),
      },
    ]);
  });

  test('is drawn only from what is kept and matters', async () => {
    const lab = await openLab();
    await lab.write(
      ...[1, 2, 3].flatMap((day) => morning(day, 'Halifax', 1)),
      ...[1, 2, 3].flatMap((day) => morning(day, 'Kyoto', 1, 0.3)),
    );
    await lab.live(NIGHT_1, DAY);
    await lab.rows(`update fate set fate = 'gradual_forgetting' where memory_id = 'Halifax-2-0'`);
    await lab.live(NIGHT_1, LEARN);
    expect(await members(lab, 'insight')).toEqual([]);
  });

  test('is answered once as long as it rests on the same, and again when a memory gets a vector', async () => {
    const lab = await openLab();
    await lab.write(...[1, 2, 3].flatMap((day) => morning(day, 'Halifax', 1)));
    await lab.live(NIGHT_1, [...DAY, ...LEARN]);
    expect(await lab.list('select theme from insight')).toEqual(['Halifax']);
    await lab.rows(`update insight_draft set content = ''`);
    await lab.live(NIGHT_2, LEARN);
    expect(await lab.list('select theme from insight')).toEqual([]);
    await lab.rows(`insert into embedding select memory_id, 'e@000000000001', 0, content_hash, [1], null, changed_at
      from raw_memory where memory_id = 'Halifax-2-0'`);
    await lab.live(NIGHT_3, LEARN);
    expect(await lab.list('select theme from insight')).toEqual(['Halifax']);
  });

  test('quotes no words that have been replaced since', async () => {
    const lab = await openLab();
    const mornings = [1, 2, 3].flatMap((day) => morning(day, 'Halifax', 1));
    await lab.write(...mornings);
    await lab.live(NIGHT_1, [...DAY, ...LEARN]);
    await lab.write(
      ...mornings.map((memory) => ({
        ...memory,
        content: memory.content!.replace('attic', 'cellar'),
        updated: '2026-03-06T10:00:00Z',
      })),
    );
    await lab.live(NIGHT_2, [...DAY, ...LEARN]);
    expect(await lab.list('select content from insight')).toEqual([expect.stringContaining('spare cellar key')]);
  });

  test('keeps its id while it holds, changes it with its members, and goes with them', async () => {
    const lab = await openLab();
    await lab.write(...[1, 2, 3].flatMap((day) => morning(day, 'Halifax', 1)));
    await lab.live(NIGHT_1, [...DAY, ...LEARN]);
    const before = await lab.rows('select * exclude (changed_at) from insight');
    await lab.live(NIGHT_2, LEARN);
    expect(await lab.rows('select * exclude (changed_at) from insight')).toEqual(before);
    await lab.write(...morning(7, 'Halifax', 1));
    await lab.live(NIGHT_3, [...DAY, ...LEARN]);
    expect(await members(lab, 'insight')).toEqual(['Halifax-1-0 Halifax-2-0 Halifax-3-0 Halifax-7-0']);
    await lab.erase('Halifax-1-0', 'Halifax-2-0');
    await lab.live('2026-03-09T03:00:00Z', ['ingestMemories', 'bindEpisodes', ...LEARN]);
    expect(await lab.rows('from insight')).toEqual([]);
    expect(await lab.rows('from insight_member')).toEqual([]);
  });
});

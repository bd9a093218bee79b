import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { makeRandom } from '../support/random.ts';
import { openLab, type Lab, type Written } from '../support/lab.ts';

const NIGHT_1 = '2026-03-02T03:00:00Z';
const NIGHT_2 = '2026-03-03T03:00:00Z';
const BIND = ['ingestMemories', 'readFeatures', 'attendMemories', 'bindEpisodes', 'describeEpisodes'] as const;

const bind = (lab: Lab, asOf = NIGHT_1) => lab.live(asOf, BIND);
/** Every episode with its members, in order of time. */
const episodes = (lab: Lab) =>
  lab.list(
    `select string_agg(memory_id, ' ' order by position) from episode_member join episode using (episode_id)
     group by episode_id order by any_value(started_at), 1`,
  );
const at = (time: string, id: string, more: Partial<Written> = {}): Written => ({
  id,
  at: `2026-03-01T${time}Z`,
  agent: 'ada',
  found: {},
  ...more,
});

describe('an episode', () => {
  test('ends with more than half an hour of silence', async () => {
    const lab = await openLab();
    await lab.write(at('10:00:00', 'a'), at('10:30:00', 'b'), at('11:00:01', 'c'));
    await bind(lab);
    expect(await episodes(lab)).toEqual(['a b', 'c']);
    expect(await lab.list('select boundary from episode order by started_at')).toEqual(['first', 'silence']);
  });

  /** Memories of one session, a minute apart, each with the names that it mentions. */
  const talk = (...mentions: readonly (readonly [name: string, more?: Partial<Written>])[]) =>
    mentions.map(([name, more], minute) =>
      at(`10:${String(minute).padStart(2, '0')}:00`, `m${String(minute)}`, {
        content: `talk ${String(minute)}`,
        ...more,
        found: { mentions: name.split(' '), ...more?.found },
      }),
    );
  const runs = async (lab: Lab) => (await episodes(lab)).map((members) => String(members).split(' ').length);
  const goal = { found: { kind: 'goal' } } as const;

  test('ends with a new goal, whether written as one or named in the metadata', async () => {
    const lab = await openLab();
    const named = (name: string) => ({ metadata: JSON.stringify({ agent: 'ada', goal: name }) });
    const names = ['Halifax', 'Halifax'] as const;
    await lab.write(
      ...talk(
        ...names.map((name) => [name] as const),
        ['Kyoto', { found: { kind: 'goal', mentions: ['Kyoto'] } }],
        ['Kyoto'],
        ['Oslo', named('move')],
        ['Lima', named('move')],
        ['Bern', named('rest')],
        ['Riga', named('rest')],
      ),
    );
    await bind(lab);
    expect(await runs(lab)).toEqual([2, 2, 2, 2]);
    expect(await lab.list('select boundary from episode order by started_at')).toEqual([
      'first',
      'goal',
      'goal',
      'goal',
    ]);
  });

  test('does not end with a goal where the memories on either side have no more in common than with those across', async () => {
    const lab = await openLab();
    await lab.write(...talk(['Halifax'], ['Halifax'], ['Kyoto', goal], ['Halifax'], ['Kyoto']));
    await bind(lab);
    expect(await runs(lab)).toEqual([5]);
  });

  test('has two memories at least, where its session has; of several goals in a row the first ends the one before', async () => {
    const lab = await openLab();
    const kyoto = ['Kyoto', goal] as const;
    await lab.write(
      ...talk(['Halifax'], ['Halifax', goal], ['Halifax'], ['Halifax'], kyoto, kyoto, kyoto, ['Kyoto'], ['Lima', goal]),
    );
    await bind(lab);
    expect(await runs(lab)).toEqual([4, 5]);
  });

  test('ends with surprise: entities that have nothing to do with those of a steady run', async () => {
    const lab = await openLab();
    const run = Array.from({ length: 8 }, (_, index) => [`Halifax t${String(index % 2)}`] as const);
    await lab.write(...talk(...run, ['Kyoto'], ['Kyoto']));
    await bind(lab);
    expect(await runs(lab)).toEqual([8, 2]);
    expect(await lab.list(`select boundary from episode order by started_at`)).toEqual(['first', 'surprise']);
  });

  test('belongs to one agent', async () => {
    const lab = await openLab();
    await lab.write(at('10:00:00', 'a'), at('10:01:00', 'b', { agent: 'bob' }), at('10:02:00', 'c'));
    await bind(lab);
    expect(await episodes(lab)).toEqual(['a c', 'b']);
  });

  test('is named after its agent and first memory', async () => {
    const lab = await openLab();
    await lab.write(at('10:00:00', 'a'), at('10:01:00', 'b'));
    await bind(lab);
    expect(await lab.list('select episode_id from episode')).toEqual([createHash('md5').update('ada:a').digest('hex')]);
  });

  test('is described by its own words', async () => {
    const lab = await openLab();
    await lab.write(
      at('10:00:00', 'a', { content: 'Goal: move the billing service to Halifax.', found: { kind: 'goal' } }),
      at('10:01:00', 'b', { content: 'Task: copy the tables.', found: { kind: 'task' } }),
    );
    await bind(lab);
    expect(await lab.rows('select level_0_goal as goal, level_1_tasks as tasks, made_by from episode')).toEqual([
      {
        goal: expect.stringContaining('move the billing service to Halifax'),
        tasks: ['copy the tables.'],
        made_by: 'rules#2',
      },
    ]);
  });

  test('that loses a memory is formed and described again from what is left', async () => {
    const lab = await openLab();
    await lab.write(
      at('10:00:00', 'a', { content: 'Goal: hide the treasure.', found: { kind: 'goal' } }),
      at('10:01:00', 'b', { content: 'It rained in Halifax.' }),
      at('10:02:00', 'c', { content: 'It rained on.' }),
    );
    await bind(lab);
    await lab.erase('a');
    await bind(lab, NIGHT_2);
    expect(await episodes(lab)).toEqual(['b c']);
    expect(JSON.stringify(await lab.rows('from episode'))).not.toContain('treasure');
    expect(await lab.list('select size from episode')).toEqual([2]);
  });
});

describe('what an episode is said to be', () => {
  const decision = 'We decided to move the Halifax gate to port 8080 on Monday.';
  const failure = 'The Halifax gate failed with error 42 after the move; lesson learned: always restart the broker.';
  const greeting = at('10:00:00', 'a', { content: 'Good morning.' });
  const told = at('10:05:00', 'b', { content: decision });
  const end = at('10:10:00', 'c', { content: 'ok fine.' });
  const said = (lab: Lab) =>
    lab.rows(
      `select * exclude (changed_at, members_hash, session_id, social_context, spatial_context) from episode order by started_at`,
    );
  const fresh = async (...memories: readonly Written[]) => {
    const lab = await openLab();
    await lab.write(...memories);
    await bind(lab, NIGHT_2);
    return said(lab);
  };

  test('goes when the memory in its middle that says it is deleted', async () => {
    const lab = await openLab();
    await lab.write(greeting, told, end);
    await bind(lab);
    expect(await said(lab)).toMatchObject([{ title: decision, outcome: decision }]);
    await lab.erase('b');
    await bind(lab, NIGHT_2);
    expect(await said(lab)).toEqual(await fresh(greeting, end));
  });

  test('goes when the memory that says it is reworded, once', async () => {
    const lab = await openLab();
    await lab.write(greeting, told, end);
    await bind(lab);
    const reworded = { ...told, content: failure, updated: '2026-03-02T12:00:00Z' };
    await lab.write(reworded);
    const { describeEpisodes } = await bind(lab, NIGHT_2);
    expect(describeEpisodes).toMatchObject({ described: 1, described_by_rules: 1 });
    expect(await said(lab)).toEqual(await fresh(greeting, reworded, end));
    const quiet = await bind(lab, '2026-03-04T03:00:00Z');
    expect(quiet.describeEpisodes).toMatchObject({ described: 0 });
  });

  test('is of all its memories, whether they came in one cycle or in three', async () => {
    const memories = [greeting, told, at('10:20:00', 'c', { content: failure })];
    const lab = await openLab();
    for (const [cycle, memory] of memories.entries()) {
      await lab.write(memory);
      await bind(lab, `2026-03-01T1${String(cycle)}:59:00Z`);
    }
    expect(await said(lab)).toEqual(await fresh(...memories));
    expect(await said(lab)).toMatchObject([{ outcome: failure }]);
  });

  test.each([
    ['earlier than the last one, in a backfill', '2026-03-01T23:00:00Z'],
    ['after one of the future', NIGHT_2],
  ])('and who is in it follows what a cycle takes in that is as of a time %s', async (_, asOf) => {
    const lab = await openLab();
    await lab.write(greeting, told, end);
    await bind(lab, asOf === NIGHT_2 ? '2027-01-01T03:00:00Z' : NIGHT_1);
    const changed = [
      { ...told, content: 'It was nothing.', updated: '2026-03-01T22:00:00Z' },
      { ...end, agent: 'ben', updated: '2026-03-01T22:00:00Z' },
    ];
    await lab.write(...changed);
    for (const step of BIND) await lab.run(step, asOf, undefined, { everyRow: true });
    expect(await episodes(lab)).toEqual(['a b', 'c']);
    expect(await said(lab)).toEqual(await fresh(greeting, ...changed));
  });

  test('goes by what a cycle of an earlier time took in beside the words', async () => {
    const lab = await openLab();
    const names = ['Halifax', 'Halifax', 'Kyoto', 'Kyoto'];
    const run = names.map((name, minute) =>
      at(`10:0${String(minute)}:00`, `m${String(minute)}`, { content: String(minute), found: { mentions: [name] } }),
    );
    await lab.write(...run);
    await bind(lab);
    expect(await episodes(lab)).toEqual(['m0 m1 m2 m3']);
    const goal = JSON.stringify({ agent: 'ada', goal: 'move' });
    await lab.write(...run.slice(2).map((memory) => ({ ...memory, metadata: goal, updated: '2026-03-01T22:00:00Z' })));
    for (const step of BIND) await lab.run(step, '2026-03-01T23:00:00Z', undefined, { everyRow: true });
    expect(await episodes(lab)).toEqual(['m0 m1', 'm2 m3']);
  });
});

test('an agent whose earlier session is deleted has the episodes of one who never had it', async () => {
  const later = [...Array.from({ length: 5 }, () => 'Halifax'), ...Array.from({ length: 5 }, () => 'Kyoto')].map(
    (name, minute) =>
      at(`10:0${String(minute)}:00`, `l${String(minute)}`, {
        found: { mentions: name === 'Halifax' ? [name, `t${String(minute % 2)}`] : [name] },
      }),
  );
  const earlier = Array.from({ length: 10 }, (_, minute) =>
    at(`08:0${String(minute)}:00`, `e${String(minute)}`, {
      found: { mentions: minute % 2 ? ['Halifax', `x${String(minute)}`] : [`q${String(minute)}`] },
    }),
  );
  const [lab, other] = [await openLab(), await openLab()];
  await lab.write(...earlier, ...later);
  await bind(lab);
  expect(await episodes(lab)).toHaveLength(2);
  await lab.erase(...earlier.map(({ id }) => id));
  await bind(lab, NIGHT_2);
  await other.write(...later);
  await bind(other, NIGHT_2);
  const all = 'select * exclude (changed_at) from episode order by started_at';
  expect(await lab.rows(all)).toEqual(await other.rows(all));
  expect(await lab.list('select boundary from episode order by started_at')).toEqual(['first', 'surprise']);
});

test('a late memory forms again only what its own agent did from then on', async () => {
  const lab = await openLab();
  const day = (agent: string) =>
    ['08:00:00', '08:10:00', '09:00:00', '09:10:00', '10:00:00'].map((time) => at(time, `${agent} ${time}`, { agent }));
  await lab.write(...day('ada'), ...day('bob'));
  await bind(lab);
  await lab.write(at('09:35:00', 'late', { updated: '2026-03-02T10:00:00Z' }));
  await bind(lab, NIGHT_2);
  expect(
    await lab.rows(
      `select agent, started_at::time::varchar as start, size from episode where changed_at = '2026-03-03 03:00'`,
    ),
  ).toEqual([{ agent: 'ada', start: '09:00:00', size: 4 }]);
  expect(await episodes(lab)).toContain('ada 09:00:00 ada 09:10:00 late ada 10:00:00');
  expect(await episodes(lab)).toHaveLength(5);
});

test('a night without news changes no episode, association or readiness', async () => {
  const lab = await openLab();
  await lab.write(...randomDays(60, 1));
  await bind(lab);
  const { ledger: _1, ...before } = await lab.state();
  await bind(lab, NIGHT_2);
  const { ledger: _2, ...after } = await lab.state();
  expect(after).toEqual(before);
});

test('living day by day gives the episodes and the readiness of living all days at once', async () => {
  const [daily, once] = [await openLab(), await openLab()];
  const memories = randomDays(90, 3);
  for (const lab of [daily, once]) await lab.write(...memories);
  for (const night of ['2026-03-02', '2026-03-03', '2026-03-04']) await bind(daily, `${night}T03:00:00Z`);
  await bind(once, '2026-03-04T03:00:00Z');
  expect(await episodes(daily)).toEqual(await episodes(once));
  const tags = 'select memory_id, tag, ready_for_consolidation, why from readiness order by memory_id';
  expect(await daily.rows(tags)).toEqual(await once.rows(tags));
});

describe('readiness', () => {
  const ready = async (lab: Lab) =>
    Object.fromEntries<unknown>(
      (await lab.rows('select memory_id, tag, ready_for_consolidation as r, why from readiness')).map(
        ({ memory_id, tag, r, why }) => [String(memory_id), { tag, r, why }] as const,
      ),
    );
  const weak = { importance: 0.2 };
  const strong = { importance: 0.9 };

  test('comes to a weak memory from a strong one near it, before or after', async () => {
    const lab = await openLab({ tag_share: 1 });
    await lab.write(
      at('09:50:00', 'before', { found: weak }),
      at('10:00:00', 'strong', { found: strong }),
      at('10:20:00', 'after', { found: weak }),
    );
    await bind(lab);
    expect(await ready(lab)).toEqual({
      before: { tag: expect.closeTo(0.9 * Math.exp(-1 / 6), 9), r: true, why: 'tagged by a strong neighbour' },
      strong: { tag: 0, r: true, why: 'important' },
      after: { tag: expect.closeTo(0.9 * Math.exp(-1 / 3), 9), r: true, why: 'tagged by a strong neighbour' },
    });
  });

  test('comes over a gap when both mention the same name, the weaker the longer it is, and to no other agent', async () => {
    const lab = await openLab({ tag_share: 1 });
    const halifax = { ...weak, mentions: ['Halifax'] };
    await lab.write(
      at('10:00:00', 'strong', { found: { ...strong, mentions: ['Halifax'] } }),
      at('10:45:00', 'shared', { content: 'shared', found: halifax }),
      at('12:30:00', 'too-late', { content: 'late', found: halifax }),
      at('14:00:00', 'far', { content: 'far', found: halifax }),
      at('10:46:00', 'bobs', { agent: 'bob', content: 'bob', found: halifax }),
    );
    await bind(lab);
    expect(await ready(lab)).toMatchObject({
      shared: { tag: expect.closeTo(0.9 * Math.exp(-0.75), 9), r: true },
      'too-late': { tag: expect.closeTo(0.9 * Math.exp(-2.5), 9), r: false, why: null },
      far: { tag: 0, r: false },
      bobs: { tag: 0, r: false },
    });
  });

  test('is kept of a week by a tenth, by those that tell most', async () => {
    const lab = await openLab();
    const importances = [
      0.9, 0.3, 0.61, 0.2, 0.5, 0.1, 0.35, 0.55, 0.45, 0.4, 0.62, 0.3, 0.2, 0.25, 0.15, 0.5, 0.6, 0.1, 0.2, 0.3,
    ];
    await lab.write(
      ...importances.map((importance, minute) =>
        at(`10:${String(minute).padStart(2, '0')}:00`, `m${String(minute)}`, {
          content: String(minute),
          found: { importance },
        }),
      ),
    );
    await bind(lab);
    expect(
      await lab.list(`select memory_id from readiness where why = 'tagged by a strong neighbour' order by memory_id`),
    ).toEqual(['m10', 'm2']);
    expect(await lab.list('select count(*)::int from readiness where tag >= tag_threshold()')).toEqual([2]);
  });

  test('does not come without anything in common', async () => {
    const lab = await openLab();
    await lab.write(
      at('10:00:00', 'strong', { found: { ...strong, mentions: ['Halifax'] } }),
      at('10:45:00', 'other', { found: { ...weak, mentions: ['Kyoto'] } }),
    );
    await bind(lab);
    expect(await ready(lab)).toMatchObject({ other: { tag: 0, r: false, why: null } });
  });
});

describe('associations', () => {
  test('have the weight of the evidence: nearness in the episode and rare entities in common', async () => {
    const lab = await openLab();
    await lab.write(
      at('10:00:00', 'a', { content: 'a', found: { mentions: ['Halifax'] } }),
      at('10:01:00', 'b', { content: 'b' }),
      at('10:02:00', 'c', { content: 'c', found: { mentions: ['Halifax'] } }),
    );
    await bind(lab);
    const idf = Math.log(1 + 1.5 / 2.5);
    const weights = { 'a b': 0.5 * 0.6, 'b c': 0.5 * 0.6, 'a c': 0.5 * 0.36 + 0.1 * idf };
    const rows = await lab.rows(`select src || ' ' || dst as pair, w from association where src < dst order by pair`);
    expect(Object.fromEntries(rows.map(({ pair, w }) => [pair, w]))).toEqual(
      Object.fromEntries(Object.entries(weights).map(([pair, x]) => [pair, expect.closeTo(1 - Math.exp(-x), 9)])),
    );
  });

  test('are at most edge_top_k from each memory, however many mention the same', async () => {
    const lab = await openLab({ edge_top_k: 8, entity_prev_k: 8 });
    await lab.write(...randomDays(150, 2, 3));
    await bind(lab, NIGHT_2);
    const [row] = await lab.rows(
      'select max(n)::int as most, count(*)::int as memories from (select count(*) as n from association group by src)',
    );
    expect(row).toEqual({ most: 8, memories: 150 });
  });

  test('join only what shares an entity or an episode', async () => {
    const lab = await openLab();
    await lab.write(...randomDays(100, 2));
    await bind(lab, NIGHT_2);
    const [row] = await lab.rows(
      `select count(*)::int as pairs, count(*) filter (where x.episode_id <> y.episode_id and not exists (
         from mention m join mention n on m.entity = n.entity where m.memory_id = a.src and n.memory_id = a.dst))::int as unfounded
       from association a join episode_member x on x.memory_id = a.src join episode_member y on y.memory_id = a.dst`,
    );
    expect(row?.['unfounded']).toBe(0);
    expect(row?.['pairs']).toBeGreaterThan(200);
  });

  test('are the same for the same memories, in whatever order these were written', async () => {
    const memories = randomDays(100, 2);
    const states = [];
    for (const rows of [memories, memories.toReversed()]) {
      const lab = await openLab({ edge_top_k: 8 });
      await lab.write(...rows);
      await bind(lab, NIGHT_2);
      states.push(await lab.state());
    }
    expect(states[0]).toEqual(states[1]);
  });
});

/** Memories of two agents over some days, each mentioning one or two of so many names. */
function randomDays(count: number, days: number, names = 12): Written[] {
  const random = makeRandom(count + days);
  return Array.from({ length: count }, (_, index) => {
    const time = Date.UTC(2026, 2, 1) + Math.floor(random() * days * 86_400) * 1_000;
    const mentions = Array.from({ length: 1 + Math.floor(random() * 2) }, () => `name${Math.floor(random() * names)}`);
    return {
      id: `m${String(index).padStart(3, '0')}`,
      at: new Date(time).toISOString(),
      agent: random() < 0.5 ? 'ada' : 'bob',
      found: { importance: random(), arousal: random() / 2, mentions: [...new Set(mentions)] },
    };
  });
}

import { expect, test } from 'vitest';
import { openLab, type Lab, type Written } from '../support/lab.ts';
import { scriptEmbedder } from '../support/scripted-embedder.ts';

const NIGHTS = ['2026-03-02T03:00:00Z', '2026-03-03T03:00:00Z'] as const;
const BIND = ['ingestMemories', 'readFeatures', 'attendMemories', 'embedMemories', 'bindEpisodes'] as const;
const links = (lab: Lab) => lab.list(`select src || ' ' || dst from association where src < dst order by 1`);

/** A memory that names the gate, as far from the others as no episode reaches; all mean the same. */
const written = (hour: number, id: string, metadata: Record<string, unknown>): Written => ({
  ...{ id, at: new Date(Date.UTC(2026, 2, 1, hour)).toISOString(), metadata: JSON.stringify(metadata) },
  found: { mentions: ['gate'] },
});
const PEOPLE = [
  written(1, 'a1', { agent: 'ada', team: 'north' }),
  written(3, 'a2', { agent: 'ada', team: 'south' }),
  written(5, 'b1', { agent: 'bob', team: 'north' }),
  written(7, 'c1', { agent: 'cem' }),
  written(9, 'c2', { agent: 'cem', team: 'cem' }),
];

async function openTeam(scope: string): Promise<Lab> {
  const lab = await openLab({}, undefined, {}, { scope, embedder: scriptEmbedder(() => [1, 0]).embedder });
  await lab.write(...PEOPLE);
  await lab.live(NIGHTS[0], BIND);
  return lab;
}

test.each([
  ['agent', ['a1 a2', 'c1 c2']],
  ['metadata.team', ['a1 b1']],
  ['shared', ['a1 a2', 'a1 b1', 'a1 c1', 'a1 c2', 'a2 b1', 'a2 c1', 'a2 c2', 'b1 c1', 'b1 c2', 'c1 c2']],
])('with the scope %s names and meanings link %j', async (scope, expected) => {
  const lab = await openTeam(scope);
  expect(await links(lab)).toEqual(expected);
  expect(await lab.list('select distinct made_by from association')).toEqual(['entity, meaning']);
});

test('an episode links those of its memories that are of one scope', async () => {
  const lab = await openLab({}, undefined, {}, { scope: 'metadata.team' });
  const minute = (at: number, id: string, team: string): Written => ({
    ...{
      id,
      at: new Date(Date.UTC(2026, 2, 1, 9, at)).toISOString(),
      metadata: JSON.stringify({ agent: 'ada', team }),
    },
    found: {},
  });
  await lab.write(minute(0, 'n1', 'north'), minute(1, 's1', 'south'), minute(2, 'n2', 'north'));
  await lab.live(NIGHTS[0], BIND);
  expect(await lab.list('select count(distinct episode_id)::int from episode_member')).toEqual([1]);
  expect(await links(lab)).toEqual(['n1 n2']);
});

test.each(['metadata.the "A" team', "metadata.o'clock"])('a field may have any name: %s', async (scope) => {
  const lab = await openLab({}, undefined, {}, { scope });
  const of = (value: string) => ({ agent: 'ada', [scope.slice('metadata.'.length)]: value });
  await lab.write(written(1, 'x1', of('x')), written(3, 'y1', of('y')), written(5, 'x2', of('x')));
  await lab.live(NIGHTS[0], BIND);
  expect(await links(lab)).toEqual(['x1 x2']);
});

test('the name of an agent, and of one who has spoken, links nothing', async () => {
  const lab = await openLab();
  const named = (hour: number, id: string, name: string) => ({
    ...written(hour, id, { agent: 'ada' }),
    found: { mentions: [name] },
  });
  await lab.rows(`insert into recall_text by name select 'old' as memory_id, '' as content_hash, 1 as version, [] as terms, 'Bob' as speaker,
    false as asks, false as tells_time, false as tells_number, 0 as wording`);
  await lab.write(named(1, 'a1', 'ada'), named(3, 'a2', 'ada'), named(5, 'b1', 'bob'), named(7, 'b2', 'bob'));
  await lab.write(named(9, 'g1', 'gate'), named(11, 'g2', 'gate'));
  await lab.live(NIGHTS[0], BIND);
  expect(await links(lab)).toEqual(['g1 g2']);
});

test('a memory that has another agent now keeps no link to those of the one before', async () => {
  const lab = await openTeam('agent');
  await lab.write({
    ...written(3, 'a2', { agent: 'bob', team: 'south' }),
    content: 'memory a2 after all',
    updated: '2026-03-02T09:00:00Z',
  });
  await lab.live(NIGHTS[1], BIND);
  expect(await links(lab)).toEqual(['a2 b1', 'c1 c2']);
});

test('links that another scope has made are gone after the next cycle, and only those', async () => {
  const lab = await openTeam('agent');
  await lab.rows(`insert into association (src, dst, w, co_activation_count, last_at, changed_at)
    select a, b, 0.5, 0, timestamp '2026-03-01', timestamp '2026-03-01' from (values ('a1', 'b1'), ('b1', 'a1')) link(a, b)`);
  await lab.rows(`update setting set value = 'shared' where name = 'scope'`);
  await lab.live(NIGHTS[1], BIND);
  expect(await links(lab)).toEqual(['a1 a2', 'c1 c2']);
  expect(await lab.rows('from setting')).toEqual([{ name: 'scope', value: 'agent' }]);
});

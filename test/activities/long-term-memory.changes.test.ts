import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openReadOnly } from '../../duckdb/database.ts';
import { makeFolder } from '../support/database.ts';
import { openLab, type Written } from '../support/lab.ts';

const night = (day: number) => `2026-03-${String(day).padStart(2, '0')}T03:00:00Z`;
const at = (day: number) => `2026-03-${String(day).padStart(2, '0')}T09:00:00Z`;
const old = { id: 'old', at: at(2), content: 'The broker on moss listens on port 1883, for all glasshouse nodes.' };
const moved = { id: 'new', at: at(3), content: 'Hello. The broker on moss now listens on port 8883, for all nodes.' };
const noise = Array.from({ length: 40 }, (_, index) => ({
  ...{ id: `m${String(index)}`, at: at(1), content: `Counted bag${String(index)} of peat` },
}));

async function openStore(...written: Written[]) {
  const lab = await openLab();
  await lab.write(...noise, ...written);
  const links = () => lab.rows('select newer, older, sentence, made_by from supersession order by newer, older');
  return { lab, links };
}

const LINK = {
  ...{ newer: 'new', older: 'old', made_by: 'rules#2' },
  sentence: 'The broker on moss now listens on port 8883, for all nodes.',
};

test('a night links a sentence that says that something changed to the memory whose value it replaces', async () => {
  const { lab, links } = await openStore(old, moved);
  const { linkChanges } = await lab.live(night(4));
  expect([linkChanges, await links()]).toEqual([{ superseded: 1 }, [LINK]]);
});

test('what comes nights later is linked then, and what is known is not looked at again', async () => {
  const { lab, links } = await openStore(old);
  await lab.live(night(3));
  await lab.write(moved);
  await lab.live(night(4));
  expect(await links()).toEqual([LINK]);
  expect((await lab.live(night(5))).linkChanges).toEqual({ superseded: 0 });
  expect(await links()).toEqual([LINK]);
});

test.each([
  ['of another agent', { ...moved, agent: 'b' }],
  ['that was written before', { ...moved, at: at(1) }],
  ['with the same value', { ...moved, content: 'The broker on moss now listens on port 1883 again, for all nodes.' }],
  ['that tells no change', { ...moved, content: 'The broker on moss: port 8883 for all nodes, says Mika.' }],
  ['about something else', { ...moved, content: 'The fence now has 8883 nails.' }],
])('a memory %s replaces nothing', async (_, other) => {
  const { lab, links } = await openStore(old, other);
  await lab.live(night(4));
  expect(await links()).toEqual([]);
});

test.each(['old', 'new'])('a link goes with its %s memory', async (id) => {
  const { lab, links } = await openStore(old, moved);
  await lab.live(night(4));
  await lab.erase(id);
  await lab.live(night(5));
  expect(await links()).toEqual([]);
});

test.each([
  ['newer', { ...moved, updated: at(5), content: 'The broker on moss now rests.' }, []],
  ['older', { ...old, updated: at(5), content: 'The broker on moss listens on port 8883, for all nodes.' }, []],
  ['older, to another value', { ...old, updated: at(5), content: old.content.replace('1883', '1884') }, [LINK]],
])('when the %s one is reworded it is found again, or not', async (_, reworded, left) => {
  const { lab, links } = await openStore(old, moved);
  await lab.live(night(4));
  await lab.write(reworded);
  await lab.live(night(6));
  expect(await links()).toEqual(left);
});

const hour = (day: number) => ({ at: at(day), agent: 'ada' });
const planned = {
  ...hour(1),
  id: 'planned',
  content: 'Decided with Ines Carvalho that the Marigold launch is on Tuesday 24 March at 10:00.',
};
const postponed = {
  ...hour(3),
  id: 'postponed',
  content: 'The Marigold launch is now on Friday 27 March at 10:00, it was postponed by Ines Carvalho.',
};
const others = [
  {
    ...hour(2),
    id: 'pictures',
    content: 'Learned that the Marigold launch needs 48 product pictures from Odette; always ask two weeks ahead.',
  },
  {
    ...hour(4),
    id: 'failed',
    content: 'Marigold launch checkout failed with error 502; lesson: restart the payment gateway after a deploy.',
  },
];
const TOLD = [expect.stringMatching(/now \(2026-03-03\): .*27 March.* before \(2026-03-01\): .*24 March/)];

describe('what is learned tells what replaced what', () => {
  test('in the very night in which it is found', async () => {
    const lab = await openLab();
    await lab.write(planned, postponed, ...others);
    await lab.live(night(5));
    expect(await lab.list('select content from insight')).toEqual(TOLD);
  });

  test('also where something else was learned before', async () => {
    const lab = await openLab();
    await lab.write(planned, ...others);
    await lab.live(night(5));
    const before = await lab.list('select content from insight');
    expect(before.length).toBeLessThan(2);
    await lab.write({ ...postponed, at: at(5) });
    await lab.live(night(6));
    const told = await lab.list('select content from insight');
    expect(told).not.toEqual(before);
    expect(told).toEqual([expect.stringMatching(/now \(2026-03-05\): .*27 March.* before \(2026-03-01\): .*24 March/)]);
  });

  test('and when one of them is deleted nobody is shown it, though the night is still to come', async () => {
    const file = join(makeFolder(), 'test.recall.duckdb');
    const lab = await openLab({}, undefined, {}, { recallFile: file });
    await lab.write(planned, postponed, ...others);
    await lab.live(night(5));
    await lab.run('publishRecall', night(5));
    const published = async () => {
      const database = await openReadOnly(file);
      const rows = await database.use(async (connection) =>
        (await connection.runAndReadAll('select content from gist')).getRowsJS(),
      );
      database.close();
      return rows.flat();
    };
    expect(await published()).toEqual(TOLD);
    await lab.erase('planned');
    const waking = ['ingestMemories', 'readFeatures', 'attendMemories', 'bindEpisodes', 'publishRecall'] as const;
    for (const step of waking) await lab.run(step, '2026-03-05T10:00:00Z', undefined, { everyRow: true });
    expect(await published()).toEqual([]);
  });
});

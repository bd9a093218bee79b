import { expect, test } from 'vitest';
import type { RestoreOutcome } from '../../memory/types.ts';
import { makeEnvironment, NIGHT, openLab, type Lab } from '../support/lab.ts';

const WRITTEN = '2026-01-01T10:00:00Z';
const FIRST = '2026-01-02T03:00:00Z';
/** The weakest trace falls below the limit after 82 days. */
const ARCHIVED = '2026-05-01T03:00:00Z';
const ASKED = '2026-05-01T12:00:00.000Z';

function restore({ activities }: Lab, id: string, asOf = ASKED): Promise<RestoreOutcome> {
  return makeEnvironment().run(activities.restoreMemory, { id, asOf });
}

const fateOf = async (lab: Lab, id: string) => (await lab.list(`select fate from fate where memory_id = '${id}'`))[0];

async function openArchived(): Promise<Lab> {
  const lab = await openLab();
  await lab.write(
    { id: 'faint', at: WRITTEN, found: { importance: 0.05 } },
    { id: 'other', at: '2026-01-01T20:00:00Z', found: { importance: 0.05 } },
  );
  await lab.live(FIRST, NIGHT);
  await lab.live(ARCHIVED, NIGHT);
  expect([await fateOf(lab, 'faint'), await fateOf(lab, 'other')]).toEqual(['rapid_forgetting', 'rapid_forgetting']);
  return lab;
}

test('a memory that was archived comes back as one that was recalled, and the nights after let it be', async () => {
  const lab = await openArchived();
  expect(await restore(lab, 'faint')).toEqual({ status: 'restored', fate: 'hippocampal_retention', retrievability: 1 });
  expect(
    await lab.rows(`select kind, grade::int as grade from event where memory_id = 'faint' and kind <> 'encode'`),
  ).toEqual([{ kind: 'recall', grade: 4 }]);
  expect(await fateOf(lab, 'other')).toBe('rapid_forgetting');
  for (const night of ['2026-05-02T03:00:00Z', '2026-06-15T03:00:00Z']) await lab.live(night, NIGHT);
  expect(await fateOf(lab, 'faint')).toBe('hippocampal_retention');
  await lab.live('2026-10-01T03:00:00Z', NIGHT);
  expect(await fateOf(lab, 'faint')).toBe('gradual_forgetting');
});

test('a second attempt of the same request changes nothing', async () => {
  const lab = await openArchived();
  const first = await restore(lab, 'faint');
  const state = await lab.state();
  expect(await restore(lab, 'faint')).toEqual(first);
  expect(await lab.state()).toEqual(state);
});

test('what is not archived, unknown or gone from the table is told apart, and nothing changes', async () => {
  const lab = await openArchived();
  await lab.write({ id: 'new', at: '2026-05-01T10:00:00Z' });
  await lab.live('2026-05-01T11:00:00Z', NIGHT);
  await lab.erase('other');
  await lab.live('2026-05-01T11:30:00Z', NIGHT);
  await lab.rows(`insert into forgotten values (sha256('gone'), null, '2026-05-01', '2026-05-01', '2026-05-01')`);
  const state = await lab.state();
  expect(await restore(lab, 'new')).toEqual({ status: 'not archived', fate: 'hippocampal_retention' });
  expect(await restore(lab, 'other')).toEqual({ status: 'unknown' });
  expect(await restore(lab, 'nobody')).toEqual({ status: 'unknown' });
  expect(await restore(lab, 'gone')).toEqual({ status: 'forgotten' });
  expect(await lab.state()).toEqual(state);
});

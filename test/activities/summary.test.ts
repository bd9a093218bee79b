import { expect, test } from 'vitest';
import { makeEnvironment, openLab } from '../support/lab.ts';

test('a summary tells what is held: totals by fate, and ids with the measured reasons, the most telling first', async () => {
  const lab = await openLab();
  const memory = (id: string, importance: number, hour: number) => ({
    ...{ id, agent: 'ada', at: `2026-03-01T${String(hour).padStart(2, '0')}:00:00Z`, content: `secret words of ${id}` },
    found: { importance, mentions: [id] },
  });
  await lab.write(memory('great', 0.9, 1), memory('good', 0.75, 3), memory('trivial', 0.1, 5), memory('petty', 0.1, 7));
  const asOf = '2026-03-05T03:00:00.000Z';
  await lab.live('2026-03-02T03:00:00Z');
  const first = await makeEnvironment().run(lab.activities.summarizeState, {
    asOf: '2026-03-02T03:00:00.000Z',
    limit: 1,
  });
  expect(first).toMatchObject({
    kept: [{ why: 'still well retrievable, limit 0.55 at need 0.90, importance 0.90, replayed in 1 night' }],
  });
  await lab.live(asOf);
  const summary = await makeEnvironment().run(lab.activities.summarizeState, { asOf, limit: 1 });
  expect(summary).toEqual({
    totals: {
      ...{ memories: 4, sessions: 4, episodes: 4, associations: 0, insights: 0 },
      fates: { cortical_transfer: 0, hippocampal_retention: 2, gradual_forgetting: 2, rapid_forgetting: 0 },
    },
    kept: [
      {
        ...{ id: 'great', fate: 'hippocampal_retention', retrievability: expect.any(Number) },
        why: 'still well retrievable, limit 0.55 at need 0.90, importance 0.90, replayed in 4 nights',
      },
    ],
    faded: [
      {
        ...{ id: 'trivial', fate: 'gradual_forgetting', retrievability: expect.any(Number) },
        why: 'retrievability is falling and nothing speaks for it, limit 0.95 at need 0.10, importance 0.10',
      },
    ],
    learned: [],
    readers: [
      { madeBy: 'rules#2', texts: 4 },
      { madeBy: 'test', texts: 4 },
    ],
    embedders: [],
  });
});

import { expect, test } from 'vitest';
import { episodeTask } from '../../activities/short-term-memory.episode.prompt.ts';
import { featuresTask } from '../../activities/working-memory.features.prompt.ts';
import { openDesk } from '../support/desk.ts';
import type { Lab } from '../support/lab.ts';
import { readSample } from '../support/sample.ts';
import { sayLittle } from '../support/scripted-answers.ts';

test('the sample journal, lived night by night, costs at most 0.1 calls for each memory, and what waits is less than fills a prompt', async () => {
  const { lab, model } = await openDesk(sayLittle, { parallel: 4 });
  const lines = await readSample();
  const begin = Date.parse(`${lines.map(({ at }) => at.slice(0, 10)).sort()[0] ?? ''}T23:59:00Z`);
  const nights = Array.from({ length: 30 }, (_, night) => new Date(begin + night * 86_400_000).toISOString());
  let counts: Awaited<ReturnType<Lab['live']>> = {};
  for (const [index, night] of nights.entries()) {
    await lab.write(...lines.filter(({ at }) => at <= night && at > (nights[index - 1] ?? '')));
    counts = await lab.live(night);
  }
  expect(await lab.list('select count(*)::int from feature')).toEqual([lines.length]);
  expect(model.asked.length / lines.length).toBeLessThanOrEqual(0.1);
  expect(counts.readFeatures?.['waiting_for_model']).toBeLessThan(featuresTask.batch);
  expect(counts.describeEpisodes?.['waiting_for_model']).toBeLessThan(episodeTask.batch);
}, 180_000);

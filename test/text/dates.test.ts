import { describe, expect, test } from 'vitest';
import { featuresTask } from '../../activities/working-memory.features.prompt.ts';

const dates = (content: string, createdAt = '2026-03-04T10:00:00Z', timezone = 'Europe/Berlin') =>
  featuresTask.fallback({ content, createdAt, timezone, tags: [] }).dates;

describe('dates, said on Wednesday 4 March 2026', () => {
  test.each([
    ['The review is next Friday.', ['2026-03-13']],
    ['Send it by Friday.', ['2026-03-06']],
    ['On Monday we deployed the new build.', ['2026-03-02']],
    ['We met on Friday.', ['2026-02-27']],
    ['Needs to be done before Monday.', ['2026-03-09']],
    ['Yesterday was calm.', ['2026-03-03']],
    ['The call is tomorrow at 9.', ['2026-03-05']],
    ['Delivery in two weeks.', ['2026-03-18']],
    ['They left 3 days ago.', ['2026-03-01']],
    ['The pilot runs from 3 May to 10 May.', ['2026-05-03', '2026-05-10']],
    ['Expires on 2026-11-30.', ['2026-11-30']],
    ['Paid on 12.01.2026.', ['2026-01-12']],
    ['Ready by the end of March.', ['2026-03-31']],
    ['March 14th, 2027 is the opening.', ['2027-03-14']],
  ])('%s', (text, expected) => expect(dates(text)).toEqual(expected));

  test.each([
    'It may break.',
    'I sat with Ann in the sun.',
    'The call took 40 minutes.',
    'Port 5433, 10/12 passed, v2.14.3.',
    'Now it runs.',
    'At 10:15 it stopped.',
  ])('no date: %s', (text) => expect(dates(text)).toEqual([]));

  test('are those of the place where it was written', () => {
    expect(dates('Today we start.', '2026-03-04T23:30:00Z', 'Europe/Berlin')).toEqual(['2026-03-05']);
    expect(dates('Today we start.', '2026-03-04T23:30:00Z', 'America/New_York')).toEqual(['2026-03-04']);
  });

  test('are none when the time of writing cannot be read, and UTC stands in for a zone that does not exist', () => {
    expect(dates('Send it by Friday.', 'nonsense')).toEqual([]);
    expect(dates('Send it by Friday.', '2026-03-04T10:00:00Z', 'Mars/Olympus')).toEqual(['2026-03-06']);
  });

  test('a month without a day is an entity, not a date', () => {
    const { entities, dates: found } = featuresTask.fallback({
      content: 'We launch in May 2026.',
      createdAt: '2026-03-04T10:00:00Z',
      timezone: 'UTC',
      tags: [],
    });
    expect(found).toEqual([]);
    expect(entities).toContainEqual({ name: '2026-05', label: 'May 2026', type: 'date' });
  });
});

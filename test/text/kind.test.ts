import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { featuresTask } from '../../activities/working-memory.features.prompt.ts';
import { kinds, type Kind } from '../../text/kind.ts';
import { forEach } from '../support/scripted-answers.ts';
import { note, one } from '../support/scripted-reader.ts';

/** The kind that is kept when a model says this one. */
const keep = async (content: string, kind: Kind, tags: string[] = []) => {
  const asked = { kind, importance: 0.5, urgency: 0, arousal: 0, valence: 0, entities: [], gist: '' };
  const { value } = await one(({ schema }) => forEach(schema, asked), note(content, tags));
  return value?.kind;
};

const sample = readFileSync(new URL('../../sample/journal.jsonl', import.meta.url), 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as { content: string; tags?: string[] });

test('no routine line of the sample becomes a goal, whatever a model says', async () => {
  const contents = new Map<string, number>();
  for (const { content } of sample) contents.set(content, (contents.get(content) ?? 0) + 1);
  const routine = [...contents].filter(([, times]) => times > 1).map(([content]) => content);
  expect(routine).toContain('Heartbeat ok, queue empty.');
  expect(routine).toContain('Checked inbox, nothing new.');
  for (const content of routine) expect(await keep(content, 'goal'), content).not.toBe('goal');
});

test('of all lines of the sample a model that calls everything a goal makes at most one in fifty one', async () => {
  let more = 0;
  for (const { content, tags = [] } of sample) {
    const byRules = featuresTask.fallback(note(content, tags)).kind;
    if (byRules !== 'goal' && (await keep(content, 'goal', tags)) === 'goal') more += 1;
  }
  expect(more).toBeLessThanOrEqual(sample.length / 50);
});

describe("a model's kind is taken where the text speaks for it:", () => {
  test.each<[said: Kind, kept: Kind, content: string, tags?: string[]]>([
    ['goal', 'goal', 'The target for spring: a shop that answers within a second.'],
    ['goal', 'goal', 'Told Ada that the long-term aim of the shop is one warehouse.'],
    ['goal', 'note', 'The weather is fine.'],
    ['goal', 'action', 'Met Ivo at the harbour; the crane is repaired.'],
    ['task', 'task', 'The invoice for Ada is overdue.'],
    ['task', 'note', 'The harbour lies in the north.'],
    ['action', 'action', 'The depot moved to Ghent.'],
    ['action', 'note', 'The harbour lies in the north.'],
    ['note', 'note', 'Met Ivo at the harbour; the crane is repaired.'],
    ['note', 'goal', 'Goal: a shop that answers within a second.'],
    ['note', 'task', 'The invoice for Ada.', ['task']],
    ['goal', 'note', 'Note: our aim is one warehouse.'],
  ])('said %s, kept %s: %s', async (said, kept, content, tags) => {
    expect(kinds).toContain(said);
    expect(await keep(content, said, tags)).toBe(kept);
  });
});

import { describe, expect, test } from 'vitest';
import { gistTask } from '../../activities/long-term-memory.gist.prompt.ts';
import { insightTask } from '../../activities/long-term-memory.insight.prompt.ts';
import { episodeTask } from '../../activities/short-term-memory.episode.prompt.ts';
import { featuresTask } from '../../activities/working-memory.features.prompt.ts';
import { findInvention } from '../../text/inventions.ts';
import type { Task } from '../../llm/task.ts';
import { makeRandom } from '../support/random.ts';
import { note, open, signal } from '../support/scripted-reader.ts';
import { forEach } from '../support/scripted-answers.ts';

const at = '2026-03-04T10:00:00Z';
const first = 'The backup failed on 12 disks at 10:45; the pivot of the crane cost 1250 EUR.';
const second = 'A restore of the backup took three hours, says Martin. The market is closed until Friday 6 March.';
const texts = [first, second];

/** Random, and the same in every run. */
function* inventions(): Generator<string> {
  const random = makeRandom(11);
  const pick = (from: string) => from.charAt(Math.floor(random() * from.length));
  const syllable = () => pick('bdfgklmnprstvz') + pick('aeiou') + pick('lmnrst');
  const number = () => String(100_000 + Math.floor(random() * 900_000));
  for (let turn = 0; turn < 3; turn += 1) {
    const name = syllable() + syllable();
    yield name.charAt(0).toUpperCase() + name.slice(1);
    yield number();
    yield `20${String(30 + Math.floor(random() * 60))}-05-1${String(turn)}`;
    yield `${name}_${syllable()}.ts`;
  }
}
const known = [
  'Marta',
  'marta',
  'Rose',
  'Hunter',
  'Acme Corp',
  'Lisbon',
  'Mark',
  'Martina',
  'Ivo',
  'iPhone',
  '@quentin',
  'thirteen',
];
const times = [
  'Monday',
  'monday',
  'yesterday',
  '7 March',
  'March 7th',
  'in 2031',
  '10:46',
  '125 EUR',
  '2 disks',
  'a dozen and seven',
];
const all = [...known, ...times, ...inventions()];

/** Where a model may put it: at the end, within, and at the beginning of what the text does say. */
const sentences: readonly ((text: string) => string)[] = [
  (text) => `The backup failed, ${text}.`,
  (text) => `The restore of the backup by ${text} took hours.`,
  (text) => `${text} restored the backup.`,
  (text) => `A restore took hours. Backup of ${text}`,
];

const episode = { title: 'backup', goal: null, tasks: [], actions: [], outcome: null };
const featuresOf = (more: object) => ({
  kind: 'note',
  importance: 0.5,
  urgency: 0,
  arousal: 0,
  valence: 0,
  entities: [],
  gist: '',
  ...more,
});

/** What is kept of an answer. */
async function keep<In, Out, Asked>(task: Task<In, Out, Asked>, input: In, asked: object): Promise<string> {
  const { reader } = open(({ schema }) => forEach(schema, asked));
  const [answer] = await reader.answerMany(task, [input], signal);
  return JSON.stringify(answer?.value);
}

const members = texts.map((content) => ({ content, kind: 'note' as const }));
const fields: readonly (readonly [string, (said: string) => Promise<string>])[] = [
  ['the title of an episode', (said) => keep(episodeTask, { members }, { ...episode, title: said })],
  ['its goal', (said) => keep(episodeTask, { members }, { ...episode, goal: said })],
  ['its tasks', (said) => keep(episodeTask, { members }, { ...episode, tasks: ['restore', said] })],
  ['its actions', (said) => keep(episodeTask, { members }, { ...episode, actions: [said] })],
  ['its outcome', (said) => keep(episodeTask, { members }, { ...episode, outcome: said })],
  ['a gist', (said) => keep(gistTask, { members, phrases: ['backup'] }, { content: said, category: '' })],
  [
    'its category',
    (said) => keep(gistTask, { members, phrases: ['backup'] }, { content: first, category: said.slice(0, 60) }),
  ],
  [
    'an insight',
    (said) =>
      keep(
        insightTask,
        { theme: 'backup', memories: texts.map((content) => ({ content, createdAt: at })) },
        { content: said },
      ),
  ],
  ['the gist of a memory', (said) => keep(featuresTask, note(first), featuresOf({ gist: said }))],
  [
    'its entities',
    (said) => {
      const entities = (['person', 'date', 'code', 'term'] as const).map((type) => ({ label: said, type }));
      return keep(featuresTask, note(first), featuresOf({ entities }));
    },
  ],
];

/** Whether a text has it as words and figures of their own. */
const holds = (text: string, part: string) =>
  new RegExp(
    String.raw`(?<![\p{L}\p{N}])${part.replace(/[.*+?^$()[\]{}|\\]/g, String.raw`\$&`)}(?![\p{L}\p{N}])`,
    'iu',
  ).test(text);

describe('of what a model invents nothing gets into', () => {
  test.each(fields)('%s', async (_, say) => {
    // What the texts do tell gets there, so the rest is not kept out by something else.
    expect((await say('The backup failed')).toLowerCase()).toContain('"the backup failed"');
    for (const invented of all)
      for (const said of [invented, ...sentences.map((sentence) => sentence(invented))])
        expect(holds(await say(said), invented), said).toBe(false);
  });
});

describe('a summary that tells nothing new is kept:', () => {
  test.each([
    'The backup failed on twelve disks, and the restore took 3 hours.',
    'Recurring trouble with backups: a restore takes hours.',
    'Overall, the backup failed and was restored.',
    'Backup Failure And Restore',
    'The market is closed until 6 March, a Friday.',
    'Martin restored the backup.',
    'The crane cost 1,250 EUR.',
    'On 4 March 2026 the backup failed.',
    'There was no backup on Wednesday.',
  ])('%s', (summary) => {
    expect(findInvention([summary], [...texts, at])).toBeNull();
  });

  test('also in another language than English', () => {
    const german = ['Die Sicherung von Müller scheiterte auf 12 Platten, gestern abend im Rechenzentrum.'];
    expect(findInvention(['Müllers Sicherung auf 12 Platten scheiterte.'], german)).toBeNull();
    expect(findInvention(['Schmidts Sicherung auf 12 Platten scheiterte.'], german)).toMatch(/the name Schmidts/);
  });
});

test('a last word that was cut off is left out: as it stands nobody said it', async () => {
  const said = (text: string) => keep(episodeTask, { members }, { ...episode, title: text });
  expect(await said('A restore of the backup took three hours, says Mar')).toContain(
    '"A restore of the backup took three hours, says"',
  );
  expect(await said('The pivot of the crane cost 12')).toContain('"The pivot of the crane cost"');
  expect(await said('A restore of the backup took three hours')).toContain(
    '"A restore of the backup took three hours"',
  );
});

describe('a piece of what the text says is not what it says:', () => {
  test.each([
    ['pivot', 'Ivo', false],
    ['1250', '125', false],
    ['10:45', '10', false],
    ['the', 'the', false],
    ['pivot of the crane', 'Pivot of the crane', true],
    ['12 disks', '12 disks', true],
  ])('of "%s" the entity "%s" is kept: %s', async (_, label, kept) => {
    const value = await keep(featuresTask, note(first), featuresOf({ entities: [{ label, type: 'name' }] }));
    expect(value.includes(`"label":"${label}"`)).toBe(kept);
  });

  test.each([
    ['the pivot of the crane cost 1250 EUR', true],
    ['the pivot of the crane cost 125', false],
    ['ivot of the crane', false],
  ])('"%s" is kept as the gist of a memory: %s', async (gist, kept) => {
    expect((await keep(featuresTask, note(first), featuresOf({ gist }))).includes(`"gist":"${gist}"`)).toBe(kept);
  });

  test('where no spaces part words a name may touch the next one', async () => {
    const value = await keep(
      featuresTask,
      note('今天田中来了'),
      featuresOf({ entities: [{ label: '田中', type: 'person' }] }),
    );
    expect(value).toContain('"label":"田中"');
  });
});

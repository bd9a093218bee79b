import { afterAll, describe, expect, test } from 'vitest';
import { gistTask } from '../../activities/long-term-memory.gist.prompt.ts';
import { insightTask } from '../../activities/long-term-memory.insight.prompt.ts';
import { featuresTask } from '../../activities/working-memory.features.prompt.ts';
import { Meter } from '../../llm/meter.ts';
import { withCalls, type Model } from '../../llm/model.ts';
import { openOllama } from '../../llm/ollama.ts';
import { createReader } from '../../llm/reader.ts';
import { settingsFor } from '../llm/model.contract.ts';
import { openLab } from '../support/lab.ts';
import { openSpeakingOllama, SPEAKING } from '../support/ollama.ts';
import { passOver } from '../support/requirements.ts';
import { smuggle } from '../support/smuggler.ts';

const server = await openSpeakingOllama();
if ('reason' in server) passOver('ollama', server.reason);
else afterAll(() => server.stop());

const signal = new AbortController().signal;
const named = { generate: SPEAKING, extract: SPEAKING, embed: null, parallel: 1, timeout: 290, num_ctx: 2048 };
const real = () => openOllama(settingsFor('url' in server ? server.url : '', named));

const NOTES = [
  'Met Ivo at the harbour; the crane is repaired.',
  'Heartbeat ok, queue empty.',
  'The backup failed on 12 disks.',
  'Delia moved the relaunch to 31 March.',
  'Checked inbox, nothing new.',
  'Goal: restore the backup before Friday.',
  'Tomasz restored the backup, it took three hours.',
  'The crane at the harbour is out of order again.',
  'Heartbeat ok, queue empty.',
  'Ordered a new belt for the crane, 250 EUR.',
];
const written = NOTES.map((content, index) => ({
  ...{ id: `n${String(index)}`, content, agent: 'scout' },
  at: new Date(Date.UTC(2026, 2, 2, 8, index)).toISOString(),
}));

/**
 * The model as a free speaker: asked about notes it goes on about them in its own words, and all that it says stands in every
 * field of the answer. (By schema one answer of it takes minutes, most of which no check would take.) Keeps what it said.
 */
function speakFreely(model: Model): { readonly model: Model; readonly said: string[] } {
  const said: string[] = [];
  const generate: Model['generate'] = async (request, abort) => {
    const { prompt } = request;
    // A repair would say more of the same, in as many seconds.
    const before = said.at(-1);
    if (prompt.includes('The reason:') && before !== undefined) {
      const text = smuggle(request, before.replaceAll(/\s+/g, ' '));
      return { text, promptTokens: 0, answerTokens: 0 };
    }
    const notes = NOTES.filter((note) => prompt.includes(note)).join('\n');
    const questions = [
      'Who did what, when, and how many? Give names, dates and numbers.',
      'What happened, and to whom?',
    ];
    const question = `${questions[said.length % 2] ?? ''}\n${notes}`;
    const options = { temperature: 0.8, seed: said.length, num_predict: 32 };
    const answer = await model.generate({ prompt: question, options }, abort);
    said.push(answer.text);
    return { ...answer, text: smuggle(request, answer.text.replaceAll(/\s+/g, ' ')) };
  };
  return { model: withCalls(model, { generate }), said };
}

/** Names and figures, as somebody would see them who knows nothing of how they are checked. */
const tellingOf = (text: string) => text.match(/\d+|(?<![.!?:"“(]\s*|^)\b\p{Lu}\p{L}+/gu) ?? [];
const isTold = (word: string, texts: readonly string[]) =>
  new RegExp(String.raw`(?<![\p{L}\d])${word}(?![\p{L}\d])`, 'iu').test(texts.join('\n'));
const inventedIn = (text: string, texts: readonly string[]) => tellingOf(text).filter((word) => !isTold(word, texts));

describe.skipIf('reason' in server)('with a real small model, which invents', () => {
  test(
    'no name, number or date of its own gets into mentions, episodes, gists or insights',
    { timeout: 600_000 },
    async () => {
      const { model, said } = speakFreely(real());
      const reader = createReader(model, () => undefined);
      const lab = await openLab({}, () => reader, { parallel: 1 });
      await lab.write(...written);
      await lab.live('2026-03-02T23:00:00Z', [
        'ingestMemories',
        'readFeatures',
        'attendMemories',
        'bindEpisodes',
        'describeEpisodes',
      ]);

      const members = NOTES.map((content) => ({ content }));
      const memories = written.map(({ content, at }) => ({ content, createdAt: at }));
      const [gist] = await reader.answerMany(gistTask, [{ members, phrases: ['backup'] }], signal);
      const [insight] = await reader.answerMany(insightTask, [{ theme: 'backup', memories }], signal);

      // It did invent, and the pipeline did listen to it.
      expect(said.flatMap((text) => inventedIn(text, NOTES))).not.toEqual([]);
      expect(await lab.list('select distinct made_by from feature')).toEqual([
        expect.stringMatching(/^ollama:smollm2:135m@/),
      ]);

      const mentions = await lab.rows('select label, content from mention join raw_memory using (memory_id)');
      expect(mentions.length).toBeGreaterThan(10);
      for (const { label, content } of mentions)
        expect(inventedIn(`- ${String(label)}`, [String(content)]), String(label)).toEqual([]);
      const kinds = await lab.rows(`select content, kind, gist from feature join raw_memory using (memory_id)`);
      expect(kinds.filter(({ kind }) => kind === 'goal').map(({ content }) => content)).toEqual([NOTES[5]]);
      for (const { content, gist: kept } of kinds) expect(String(content)).toContain(kept);

      const episodes = await lab.rows(
        `select title, level_0_goal, level_1_tasks, atomic_actions, outcome from episode`,
      );
      expect(episodes.length).toBeGreaterThan(0);
      for (const episode of episodes)
        for (const text of Object.values(episode).flat() as (string | null)[])
          expect(inventedIn(text ?? '', NOTES), text ?? '').toEqual([]);
      expect(inventedIn(gist?.value.content ?? '', NOTES)).toEqual([]);
      // The count of memories and days is the rules'.
      const counted = /came up in (\d+) memor/.exec(insight?.value.content ?? '')?.[1] ?? '';
      expect(inventedIn(insight?.value.content ?? '', [...NOTES, '2026-03-02', counted, '1'])).toEqual([]);
    },
  );

  test(
    "by schema, through the server's own grammar, it names nothing that the note does not name",
    { timeout: 600_000 },
    async () => {
      const model = real();
      const said: string[] = [];
      const generate: Model['generate'] = async (request, abort) => {
        // About one note an answer takes some 130 tokens; where it rambles it is cut off.
        const answer = await model.generate({ ...request, options: { ...request.options, num_predict: 140 } }, abort);
        said.push(answer.text);
        return answer;
      };
      const reader = createReader(withCalls(model, { generate }), () => undefined);
      const [content = ''] = NOTES;
      const input = { content, createdAt: '2026-03-02T08:00:00Z', timezone: 'UTC', tags: [] };
      const once = new Meter({ calls: 1, tokens: 1e9, seconds: 1e9 });
      const [answer] = await reader.answerMany(featuresTask, [input], signal, once);
      expect(said).toEqual([expect.stringContaining('"1"')]);
      for (const { label } of answer?.value.entities ?? [])
        expect(isTold(label.replace(/[.*+?]/g, String.raw`\$&`), [content])).toBe(true);
      expect(answer?.value.kind).not.toBe('goal');
      expect(content).toContain(answer?.value.gist);
    },
  );
});

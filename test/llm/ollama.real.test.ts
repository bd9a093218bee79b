import { afterAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { gistTask } from '../../activities/long-term-memory.gist.prompt.ts';
import { insightTask } from '../../activities/long-term-memory.insight.prompt.ts';
import { episodeTask } from '../../activities/short-term-memory.episode.prompt.ts';
import { featuresTask } from '../../activities/working-memory.features.prompt.ts';
import { renderBatch, schemaOf } from '../../llm/batch.ts';
import type { Task } from '../../llm/task.ts';
import { UnfitAnswer } from '../../llm/model-error.ts';
import { openOllama } from '../../llm/ollama.ts';
import { createReader } from '../../llm/reader.ts';
import { signRules } from '../../llm/rules.ts';
import { makeProfile, query } from '../support/database.ts';
import { openLlmDatabase, run } from '../support/llm-database.ts';
import { openOllamaServer } from '../support/ollama.ts';
import { passOver } from '../support/requirements.ts';
import { describeModel, settingsFor } from './model.contract.ts';

const signal = new AbortController().signal;
const content = 'The backup failed on 12 disks, Ivo restored it.';
const at = '2026-03-04T10:00:00Z';

/** Each prompt of the pipeline against the server's own tokenizer and grammar; the answers are nonsense of the right shape. */
function describePrompts(url: () => string): void {
  const describePrompt = <In, Out, Asked>(task: Task<In, Out, Asked>, input: In) => {
    test(`the schema of ${task.name} gives answers of its shape`, async () => {
      const model = openOllama(settingsFor(url()));
      const items = [{ input }, { input }];
      const [schema, prompt] = [schemaOf(task, items.length), renderBatch(task, items)];
      const { required = [] } = z.toJSONSchema(task.asked);
      const ask = (seed: number) => model.generate({ prompt, schema, options: { seed } }, signal);
      const answers = await Promise.allSettled([1, 2, 3].map(ask));
      for (const answer of answers) {
        // Nonsense may repeat itself until the server breaks it off, or run on until it is cut.
        if (answer.status === 'rejected') expect(answer.reason).toBeInstanceOf(UnfitAnswer);
        else
          expect(answer.value.text).toMatch(new RegExp(`^\\s*\\{\\s*"1"\\s*:\\s*\\{\\s*"${required[0] ?? ''}"\\s*:`));
      }
    });

    test(`a nonsensical answer for ${task.name} is replaced by the rules`, async () => {
      const lines: string[] = [];
      const reader = createReader(openOllama(settingsFor(url())), (line) => void lines.push(line));
      const [answer] = await reader.answerMany(task, [input], signal);
      expect(answer).toMatchObject({ value: task.fallback(input), madeBy: signRules(task) });
      expect(lines).toEqual([expect.stringContaining(`no answer about ${task.name} could be used`)]);
    });
  };
  describePrompt(featuresTask, { content, createdAt: at, timezone: 'UTC', tags: ['ops'] });
  describePrompt(episodeTask, { members: [{ content, kind: 'note' }] });
  describePrompt(gistTask, { members: [{ content }], phrases: ['backup'] });
  describePrompt(insightTask, { theme: 'backup', memories: [{ content, createdAt: at }] });
}

const server = await openOllamaServer();
const url = () => ('url' in server ? server.url : '');
if ('reason' in server) passOver('ollama', server.reason);
else afterAll(() => server.stop());

describe.skipIf('reason' in server)('with the real thing', () => {
  describeModel('a real Ollama', url);
  describe('a prompt of the pipeline', () => {
    describePrompts(url);
  });

  describe('in SQL', () => {
    test.each([
      ['ConfigurationError', 'is not JSON', 'not json'],
      ['ModelRefused', 'no grammar holds', '{"not": {}}'],
      ['UnfitAnswer', 'asks for more than it allows', '{"type": "array", "minItems": 5, "maxItems": 2}'],
    ])('%s ends a statement whose schema %s', async (name, _, schema) => {
      const database = await openLlmDatabase(makeProfile(), openOllama(settingsFor(url())));
      const asked = run(database, `select llm_generate_json('x', '${schema}', {'num_predict': 30})`);
      await expect(asked).rejects.toMatchObject({ name });
      expect(await query(database, 'from llm_cache')).toEqual([]);
    });
  });
});

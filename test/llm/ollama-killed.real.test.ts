import { afterAll, describe, expect, test } from 'vitest';
import { featuresTask } from '../../activities/working-memory.features.prompt.ts';
import type { Model } from '../../llm/model.ts';
import { openOllama } from '../../llm/ollama.ts';
import { createReader } from '../../llm/reader.ts';
import { makeProfile, query } from '../support/database.ts';
import { openLlmDatabase, run } from '../support/llm-database.ts';
import { openOwnOllama, type OwnOllama } from '../support/ollama.ts';
import { passOver } from '../support/requirements.ts';
import { settingsFor } from './model.contract.ts';

const PARALLEL = 4;
const signal = new AbortController().signal;

/** The real client, which tells what was asked, and what has been answered. */
function listen(url: string, hear: (asked: number, answered: number) => void): { model: Model; asked: string[] } {
  const ollama = openOllama(settingsFor(url, { parallel: PARALLEL }));
  const asked: string[] = [];
  let answered = 0;
  const model: Model = {
    ...{ parallel: ollama.parallel, room: ollama.room },
    runner: 'Ollama',
    identify: (task, name) => ollama.identify(task, name),
    embed: (texts, cancel) => ollama.embed(texts, cancel),
    generate: async (request, cancel) => {
      const answer = ollama.generate(request, cancel);
      hear(asked.push(request.prompt), answered);
      const said = await answer;
      hear(asked.length, (answered += 1));
      return said;
    },
  };
  return { model, asked };
}

const opened = await openOwnOllama();
if ('reason' in opened) passOver('ollama', opened.reason);
else afterAll(() => opened.stop());

describe.skipIf('reason' in opened)('a real Ollama that is killed', () => {
  const server = opened as OwnOllama;
  const sql = `create table story as
      select i, llm_generate('story ' || i, {'num_predict': 20}) as a from range(100) r(i)`;

  test('in the middle of a statement fails it; started again, it is asked only for what is missing', async () => {
    let killed: Promise<void> | undefined;
    const { model, asked } = listen(server.url, (_, answered) => {
      if (answered >= 10) killed ??= server.kill();
    });
    const database = await openLlmDatabase(makeProfile({ threads: 2 }), model);
    await expect(run(database, sql)).rejects.toMatchObject({
      name: 'ModelUnavailable',
      message: expect.stringContaining(`Ollama does not answer at ${server.url}`),
    });
    await killed;
    await expect(query(database, 'from story')).rejects.toThrow(/does not exist/);
    const [{ kept } = {}] = await query(database, 'select count(*)::integer as kept from llm_cache');
    expect(kept).toBeGreaterThanOrEqual(10);
    expect(asked.length).toBeLessThan(100);

    await server.restart();
    asked.length = 0;
    await run(database, sql);
    expect(asked).toHaveLength(100 - Number(kept));
    const whole =
      'select count(*)::integer as n, count(distinct i)::integer as rows, count(a)::integer as said from story';
    expect(await query(database, whole)).toEqual([{ n: 100, rows: 100, said: 100 }]);
  });

  test('while the pipeline reads costs no text its answer: rules read what it does not', async () => {
    let killed: Promise<void> | undefined;
    const { model, asked } = listen(server.url, (count) => {
      if (count === PARALLEL) killed ??= server.kill();
    });
    const lines: string[] = [];
    const reader = createReader(model, (line) => void lines.push(line));
    const notes = Array.from({ length: 400 }, (_, index) => ({
      ...{ content: `Note ${String(index)}: met Ivo.`, createdAt: '2026-03-04T10:00:00Z' },
      ...{ timezone: 'UTC', tags: [] },
    }));
    const answers = await reader.answerMany(featuresTask, notes, signal);
    await killed;
    expect(answers).toHaveLength(400);
    expect(answers.every(({ value }) => featuresTask.answer.safeParse(value).success)).toBe(true);
    expect(lines).toEqual([expect.stringMatching(/Ollama does not answer at .*Rules read the text/)]);
    expect(asked.length).toBeLessThanOrEqual(2 * PARALLEL);
  });
});

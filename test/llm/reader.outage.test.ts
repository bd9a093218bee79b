import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { featuresTask } from '../../activities/working-memory.features.prompt.ts';
import { ModelUnavailable } from '../../llm/model-error.ts';
import { openOllama } from '../../llm/ollama.ts';
import { createReader } from '../../llm/reader.ts';
import { reply, startFakeOllama } from '../support/fake-ollama.ts';
import { note, open, sensible, sensibly, signal } from '../support/scripted-reader.ts';
import { forEach } from '../support/scripted-answers.ts';
import { scriptModel, type ScriptedModel } from '../support/scripted-model.ts';
import { settingsFor } from './model.contract.ts';

describe('a model that fails', () => {
  const many = Array.from({ length: 1_000 }, (_, index) => note(`Note ${String(index)}.`));
  const down = new ModelUnavailable('Ollama does not answer at http://127.0.0.1:1');

  /** A reader on a server that is down until `up` is called; its clock is the test's. */
  function openFlaky() {
    vi.useFakeTimers({ toFake: ['Date'] });
    onTestFinished(() => void vi.useRealTimers());
    let works = false;
    const opened = open((request) => (works ? sensibly(request) : down));
    const ask = async (inputs: readonly ReturnType<typeof note>[]) => {
      const answers = await opened.reader.answerMany(featuresTask, inputs, signal);
      return answers.filter(({ madeBy }) => madeBy.startsWith('ollama:')).length;
    };
    return {
      ...opened,
      ask,
      up: () => (works = true),
      down: () => (works = false),
      wait: (seconds: number) => vi.setSystemTime(Date.now() + seconds * 1000),
    };
  }

  test('is asked three times; rules read the rest, none is lost, and it is said once', async () => {
    const { model, lines, reader } = open(() => down);
    const answers = await reader.answerMany(featuresTask, many, signal);
    expect(answers.map(({ madeBy }) => madeBy)).toEqual(many.map(() => 'rules#2'));
    expect(model.asked).toHaveLength(3);
    expect(lines).toEqual([`${down.message}. Rules read the text; it is tried again every 60 s.`]);
  });

  test('is tried again after a minute by one call, and asked as before once that succeeds', async () => {
    const { model, reader, lines, ask, up, wait } = openFlaky();
    expect(await ask(many.slice(0, 100))).toBe(0);
    wait(61);
    expect(await reader.sign(featuresTask)).toBe('ollama:small@0123456789ab#features.1');
    expect(await ask(many.slice(0, 100))).toBe(0);
    expect(model.asked).toHaveLength(4);
    up();
    expect(await reader.sign(featuresTask)).toBeNull();
    expect(await ask(many.slice(0, 100))).toBe(0); // the minute is not over
    wait(61);
    expect(await ask(many.slice(0, 100))).toBe(100);
    // Of the first hundred three batches of 24 were asked about, of the second one.
    expect(lines.at(-1)).toBe('Ollama answers again; rules read 204 texts without asking it');
  });

  test('that fails a second time is said a second time, and counted afresh', async () => {
    const { lines, ask, up, down: fail, wait } = openFlaky();
    await ask(many.slice(0, 96));
    wait(61);
    up();
    await ask(many.slice(0, 24));
    fail();
    await ask(many.slice(0, 96));
    wait(61);
    up();
    await ask(many.slice(0, 24));
    const opened = `${down.message}. Rules read the text; it is tried again every 60 s.`;
    const closed = 'Ollama answers again; rules read 24 texts without asking it';
    expect(lines).toEqual([opened, closed, opened, closed]);
  });

  test('in the middle, with a server that dies, loses no text', async () => {
    const server = await startFakeOllama(async ({ path, body }, response) => {
      if (path !== 'generate') return false;
      if (server.asked.filter((each) => each.path === 'generate').length < 10)
        return reply(response, { response: forEach(JSON.stringify(body['format']), sensible), done: true });
      await server.close();
      return true;
    });
    const lines: string[] = [];
    const reader = createReader(openOllama(settingsFor(server.url, { parallel: 2 })), (line) => void lines.push(line));
    const answers = await reader.answerMany(featuresTask, many, signal);
    expect(answers).toHaveLength(1_000);
    const byModel = answers.filter(({ madeBy }) => madeBy.startsWith('ollama:'));
    // Nine calls of at most 24 were answered; the ninth may be on its way when the server dies.
    expect(byModel.length).toBeGreaterThan(8 * 12);
    expect(byModel.length).toBeLessThanOrEqual(9 * 24);
    expect(lines).toHaveLength(1);
  });

  test('is sent as many prompts at once as it allows', async () => {
    let [now, most] = [0, 0];
    const { reader } = open(async (request) => {
      now += 1;
      most = Math.max(most, now);
      await new Promise((resolve) => setTimeout(resolve, 5));
      now -= 1;
      return sensibly(request);
    }, 3);
    await reader.answerMany(featuresTask, many.slice(0, 200), signal);
    expect(most).toBe(3);
  });

  test('and a cancelled activity are told apart: nothing stands in for it', async () => {
    const cancel = new AbortController();
    const model: ScriptedModel = scriptModel(() => {
      cancel.abort(new Error('cancelled'));
      throw new Error('cancelled');
    });
    const asked = createReader(model, () => undefined).answerMany(featuresTask, many, cancel.signal);
    await expect(asked).rejects.toThrow('cancelled');
    expect(model.asked).toHaveLength(1);
  });
});

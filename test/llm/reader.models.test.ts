import { describe, expect, test } from 'vitest';
import { gistTask } from '../../activities/long-term-memory.gist.prompt.ts';
import { featuresTask } from '../../activities/working-memory.features.prompt.ts';
import { Meter } from '../../llm/meter.ts';
import { ModelUnavailable } from '../../llm/model-error.ts';
import { openOllama } from '../../llm/ollama.ts';
import { createReader, openReader } from '../../llm/reader.ts';
import { startFakeOllama } from '../support/fake-ollama.ts';
import { note, open, signal } from '../support/scripted-reader.ts';
import { settingsFor } from './model.contract.ts';

const many = Array.from({ length: 300 }, (_, index) => note(`Note ${String(index)}.`));
const down = new ModelUnavailable('Ollama does not answer at http://127.0.0.1:1');

describe('two models of a server', () => {
  const gist = {
    members: [{ content: 'The backup failed.' }, { content: 'The backup failed again.' }],
    phrases: ['backup'],
  };

  test('are asked each for itself: one that is missing is told once, sent nothing, and keeps the other from nothing', async () => {
    const server = await startFakeOllama();
    const lines: string[] = [];
    const settings = settingsFor(server.url, { extract: 'gone' });
    const reader = await openReader(openOllama(settings), settings, (line) => void lines.push(line));
    const answers = await reader.answerMany(featuresTask, many, signal);
    expect(answers.map(({ madeBy }) => madeBy)).toEqual(many.map(() => 'rules#2'));
    expect(await reader.sign(gistTask)).toBe('ollama:tiny-random@111111111111#gist.2');
    expect(lines).toEqual([expect.stringMatching(/has no model gone: .*\. Rules read the text until it can\.$/)]);
    expect(server.asked.filter(({ path }) => path === 'generate')).toEqual([]);
    server.digests.set('gone', '3'.repeat(64));
    expect(await reader.sign(featuresTask)).toBe('ollama:gone@333333333333#features.1');
  });

  test('one of which goes missing is sent no more than the prompts that are on their way, and spends no budget', async () => {
    const server = await startFakeOllama(({ path }) => {
      if (path === 'generate') server.digests.delete('tiny-random');
      return false;
    });
    const lines: string[] = [];
    const reader = createReader(openOllama(settingsFor(server.url)), (line) => void lines.push(line));
    const meter = new Meter();
    await reader.answerMany(featuresTask, many, signal, meter);
    expect(meter.used.calls).toBeLessThanOrEqual(4);
    expect(lines).toEqual([expect.stringMatching(/has no model tiny-random: /)]);
  });

  test('are left alone together: a server that is down is found out once', async () => {
    const { model, lines, reader } = open(() => down);
    await reader.answerMany(featuresTask, many, signal);
    await reader.answerMany(gistTask, [gist], signal);
    expect(await reader.sign(gistTask)).toBeNull();
    expect(model.asked).toHaveLength(3);
    expect(lines).toHaveLength(1);
  });
});

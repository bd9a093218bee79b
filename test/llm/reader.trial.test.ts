import { setImmediate } from 'node:timers/promises';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { featuresTask } from '../../activities/working-memory.features.prompt.ts';
import { ModelNotFound, ModelUnavailable } from '../../llm/model-error.ts';
import { note, open, sensibly, signal } from '../support/scripted-reader.ts';
import type { Line } from '../support/scripted-model.ts';

const many = Array.from({ length: 100 }, (_, index) => note(`Note ${String(index)}.`));
const down = new ModelUnavailable('Ollama does not answer at http://127.0.0.1:1');

describe('a call that tries again whether a model answers', () => {
  const bug = new TypeError('a fault of the program');
  /** As a server that takes the request and never answers. */
  const hang = (cancel: AbortSignal) =>
    new Promise<string>((_, reject) => {
      cancel.addEventListener('abort', () => {
        reject(cancel.reason as Error);
      });
    });

  /** A reader whose circuit has opened a minute ago; what the model does from now on is `next`. */
  async function openHalf() {
    vi.useFakeTimers({ toFake: ['Date'] });
    onTestFinished(() => void vi.useRealTimers());
    let next: Line = () => down;
    const opened = open((request, cancel) => next(request, cancel), 3);
    const ask = (count: number, cancel = signal) =>
      opened.reader.answerMany(featuresTask, many.slice(0, count), cancel);
    await ask(72);
    vi.setSystemTime(Date.now() + 61_000);
    opened.lines.length = 0;
    opened.model.asked.length = 0;
    /** Waits until the model has been asked, which is when the call is under way. */
    const underWay = () => vi.waitFor(() => expect(opened.model.asked).toHaveLength(1));
    return { ...opened, ask, underWay, does: (line: Line) => void (next = line) };
  }

  test('and is cancelled decides nothing: none hears that Ollama answers, and the next call tries it', async () => {
    const { lines, model, ask, underWay, does } = await openHalf();
    const cancel = new AbortController();
    does((_, abort) => hang(abort));
    const asked = ask(96, cancel.signal);
    await underWay();
    cancel.abort(new Error('cancelled'));
    await expect(asked).rejects.toThrow('cancelled');
    expect(lines).toEqual([]);
    // Not three at once, as a closed circuit would let them.
    does(() => down);
    expect((await ask(72)).map(({ madeBy }) => madeBy)).toEqual(Array(72).fill('rules#2'));
    expect(model.asked).toHaveLength(2);
    expect(lines).toEqual([]);
    vi.setSystemTime(Date.now() + 61_000);
    does(sensibly);
    await ask(24);
    // Of the cancelled activity's texts rules read none.
    expect(lines).toEqual(['Ollama answers again; rules read 48 texts without asking it']);
  });

  test('and fails by a fault of the program throws that, and decides nothing', async () => {
    const { lines, reader, ask, does } = await openHalf();
    does(() => bug);
    await expect(ask(24)).rejects.toBe(bug);
    expect(lines).toEqual([]);
    expect(await reader.sign(featuresTask)).not.toBeNull();
    does(sensibly);
    await ask(24);
    expect(lines).toEqual(['Ollama answers again; rules read 0 texts without asking it']);
  });

  test('and fails once more is not said once more, also where no text was passed over', async () => {
    const { lines, ask } = await openHalf();
    await ask(24);
    expect(lines).toEqual([]);
  });

  test('and hears that it lacks the model has heard the server', async () => {
    const { lines, ask, does } = await openHalf();
    const missing = new ModelNotFound('http://127.0.0.1:1', 'small');
    does(() => missing);
    await ask(24);
    expect(lines).toEqual([
      'Ollama answers again; rules read 0 texts without asking it',
      `${missing.message}. Rules read the text until it can.`,
    ]);
  });

  test('keeps no other activity that waits for its outcome from being cancelled', async () => {
    const { model, ask, underWay, does } = await openHalf();
    const [trying, waiting] = [new AbortController(), new AbortController()];
    does((_, abort) => hang(abort));
    const tries = ask(24, trying.signal);
    await underWay();
    const waits = ask(24, waiting.signal);
    // The rules, which see by themselves that they are cancelled, read one text in a turn of the event loop.
    for (let turn = 0; turn < 48; turn += 1) await setImmediate();
    waiting.abort(new Error('the one that waits'));
    await expect(waits).rejects.toThrow('the one that waits');
    trying.abort(new Error('the one that tries'));
    await expect(tries).rejects.toThrow('the one that tries');
    expect(model.asked).toHaveLength(1);
  });
});

test('calls that are cancelled are no failures of the server, whatever they end with', async () => {
  let works = false;
  let cancel = new AbortController();
  const { lines, reader } = open((request) => {
    if (works) return sensibly(request);
    cancel.abort(new Error('cancelled'));
    return down;
  });
  for (let turn = 0; turn < 3; turn += 1) {
    cancel = new AbortController();
    await expect(reader.answerMany(featuresTask, many.slice(0, 24), cancel.signal)).rejects.toThrow('cancelled');
  }
  works = true;
  const answers = await reader.answerMany(featuresTask, many.slice(0, 24), signal);
  expect(answers.every(({ madeBy }) => madeBy.startsWith('ollama:'))).toBe(true);
  expect(lines).toEqual([]);
});

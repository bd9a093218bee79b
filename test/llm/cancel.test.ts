import { setImmediate } from 'node:timers/promises';
import { expect, onTestFinished, test, vi } from 'vitest';
import { cancellable } from '../../llm/cancel.ts';

test.each(['before it is waited for', 'meanwhile'])(
  'what fails after the wait for it was cancelled %s fails unheard, and does not end the process',
  async (when) => {
    const unheard = vi.fn();
    process.on('unhandledRejection', unheard);
    onTestFinished(() => void process.off('unhandledRejection', unheard));
    let fail = (): void => undefined;
    const failing = new Promise<never>((_, reject) => {
      fail = () => {
        reject(new Error('too late'));
      };
    });
    const cancel = new AbortController();
    const abort = () => {
      cancel.abort(new Error('cancelled'));
    };
    if (when !== 'meanwhile') abort();
    const waiting = cancellable(failing, cancel.signal);
    abort();
    await expect(waiting).rejects.toThrow('cancelled');
    fail();
    // Node looks for rejections that nobody took before the next turn of the event loop.
    await setImmediate();
    expect(unheard).not.toHaveBeenCalled();
  },
);

test('what is there already is not given to one who was cancelled', async () => {
  await expect(cancellable(Promise.resolve(1), AbortSignal.abort(new Error('cancelled')))).rejects.toThrow('cancelled');
});

test('what is waited for to the end is given, or thrown, as it is', async () => {
  const { signal } = new AbortController();
  expect(await cancellable(Promise.resolve(1), signal)).toBe(1);
  await expect(cancellable(Promise.reject(new Error('its own')), signal)).rejects.toThrow('its own');
});

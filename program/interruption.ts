/** Thrown when Ctrl-C ended a command before its answer; the CLI exits with 130, as shells expect of it. */
export class InterruptedError extends Error {
  override readonly name = 'InterruptedError';
}

/**
 * Resolves at the first Ctrl-C, SIGTERM or closing of the terminal, so that what was started can be stopped in order; a second one finds the default
 * behaviour again and ends the process at once.
 */
export function interrupted(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      const onSignal = () => {
        resolve();
        // Not at once: while a program of execa's runs, its listener ends this process if it finds no other one.
        setImmediate(() => process.off(signal, onSignal));
      };
      process.on(signal, onSignal);
    }
  });
}

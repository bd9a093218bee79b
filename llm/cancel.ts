/** What others wait for too cannot be cancelled; waiting for it can. Rejects with the signal's reason. */
export async function cancellable<T>(promise: Promise<T>, cancel: AbortSignal): Promise<T> {
  // One of our own for each wait: hundreds of waits on the activity's would be hundreds of listeners there.
  const signal = AbortSignal.any([cancel]);
  const cancelled = new Promise<never>((_, reject) => {
    const stop = () => {
      reject(signal.reason as Error);
    };
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop);
  });
  // Also when it is cancelled already: a promise that fails later, with nobody to hear it, ends the process.
  return Promise.race([cancelled, promise]);
}

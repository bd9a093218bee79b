/** What others wait for too cannot be cancelled; waiting for it can. Rejects with the signal's reason. */
export async function cancellable<T>(promise: Promise<T>, cancel: AbortSignal): Promise<T> {
  cancel.throwIfAborted();
  // One of our own for each wait: hundreds of waits on the activity's would be hundreds of listeners there.
  const signal = AbortSignal.any([cancel]);
  const cancelled = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => {
      reject(signal.reason as Error);
    });
  });
  return Promise.race([promise, cancelled]);
}

import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { labelNodes, type Network } from './louvain.mjs';

/** A pair of memories and how strongly they are linked, in (0, 1]. */
export interface Link {
  readonly a: string;
  readonly b: string;
  readonly w: number;
}

/** Links from which on a thread is worth its start: below, Louvain takes less than about 100 ms. */
const THREAD_LINKS = 10_000;

/**
 * Communities of the network by Louvain, of `most` memories or more only where they do not fall apart; a label is a number that means
 * nothing by itself. The same links in the same order give the same labels. Large networks take seconds, so they are labelled in a thread of their own while the activity beats.
 * @throws the signal's reason when it is aborted meanwhile; an Error when the thread ends without an answer
 */
export async function findCommunities(
  links: readonly Link[],
  most: number,
  signal?: AbortSignal,
): Promise<{ memory_id: string; label: number }[]> {
  if (links.length === 0) return [];
  const places = new Map<string, number>();
  const placeOf = (memory: string) => {
    const place = places.get(memory) ?? places.size;
    places.set(memory, place);
    return place;
  };
  const network = {
    ends: Uint32Array.from(links.flatMap(({ a, b }) => [placeOf(a), placeOf(b)])),
    weights: Float64Array.from(links, ({ w }) => w),
  };
  const labels = links.length < THREAD_LINKS ? labelNodes(network, most) : await labelInThread(network, most, signal);
  return Array.from(places, ([memory_id, place]) => ({ memory_id, label: labels[place] ?? 0 }));
}

async function labelInThread(network: Network, most: number, signal?: AbortSignal): Promise<Uint32Array> {
  const thread = new Worker(new URL('./louvain.mjs', import.meta.url), { workerData: { network, most } });
  try {
    // Rejects with what the thread throws.
    const answer = once(thread, 'message', { signal }) as Promise<[Uint32Array]>;
    const [labels] = await Promise.race([answer, endOf(thread)]);
    return labels;
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  } finally {
    await thread.terminate();
  }
}

/** Rejects when the thread ends; whatever it said or threw comes before. */
async function endOf(thread: Worker): Promise<never> {
  const [code] = (await once(thread, 'exit')) as [number];
  throw new Error(`The thread that looks for communities ended with exit code ${String(code)}, without an answer`);
}

import { join } from 'node:path';
import type { EmbeddingModel } from '../llm/model.ts';
import { readVersions, withLab } from './lab.ts';

/** The stages that run by day. */
const WAKING = [
  ...(['ingestMemories', 'readFeatures', 'attendMemories', 'embedMemories', 'bindEpisodes', 'publishRecall'] as const),
];

/** Publishes to `path` what a worker that never sleeps knows of a journal: read, attended, embedded, bound into episodes and linked. */
export async function publishWaking(journal: string, path: string, model: EmbeddingModel | null): Promise<void> {
  const entries = await readVersions(journal);
  await withLab({ folder: join(path, '..'), model, recallFile: path }, async (lab) => {
    await lab.write(entries);
    await lab.live(WAKING, entries.at(-1)?.updated_at ?? '');
  });
}

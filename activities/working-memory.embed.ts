import { z } from 'zod';
import type { Embedder, Embedding } from '../llm/embedder.ts';
import { BATCH } from '../llm/embedding.ts';
import { cutParts } from '../text/parts.ts';
import { READ_CHARACTERS } from '../text/sentences.ts';
import { chunkSize, MOST_TRIES } from './reading.ts';
import { countChanged, readCounts, type Step, type StepContext } from './step.ts';

const keptRow = z.object({ length: z.number().nullable() });
const unembeddedRow = z.object({ id: z.string(), place: z.number(), content_hash: z.string(), content: z.string() });

/** Gives memories vectors, by which those of like meaning find each other: first the new ones, then those of another model. */
export const embedMemories: Step = {
  name: 'embedMemories',
  prepare: async (context) => {
    const { embedder } = context;
    if (embedder === null) return;
    const model = await embedder.sign();
    await stage(context, model);
    if (model !== null) {
      await embedStaged(context, embedder, model);
      await stage(context, model);
    }
    const { waitingForEmbedding: waiting } = context.usage;
    await context.commit(() => context.run('working-memory.drop-embedding', { model, waiting }));
  },
  finish: async ({ embedder, run }) =>
    embedder === null ? {} : readCounts(await run('working-memory.count-embedded')),
};

async function stage({ run, usage }: StepContext, model: string | null): Promise<void> {
  usage.waitingForEmbedding = countChanged(
    await run('working-memory.stage-unembedded', { model, most_tries: MOST_TRIES }),
  );
}

/** Embeds by one model while it is there and the time lasts; commits in chunks. */
async function embedStaged(context: StepContext, embedder: Embedder, model: string): Promise<void> {
  const { run, usage, signal } = context;
  const kept = keptRow.parse((await run('working-memory.read-embedding-length', { model }))[0]).length ?? undefined;
  const limit = chunkSize(context, BATCH);
  for (let after = 0; !usage.meter.overtime && (await embedder.sign()) === model;) {
    const waiting = z
      .array(unembeddedRow)
      .parse(await run('working-memory.select-unembedded', { after, limit, read_characters: READ_CHARACTERS }));
    const chunk = takeChunk(waiting, limit);
    const texts = chunk.flatMap(({ parts }) => parts);
    const embeddings = await embedder.embedMany(model, texts, signal, usage.meter, kept);
    if (embeddings.length === 0) break;
    await context.commit(() => keep(context, model, regroup(chunk, embeddings)));
    after = chunk.at(-1)?.row.place ?? after;
  }
}

/** A memory and the parts of its text. */
interface Waiting {
  readonly row: z.infer<typeof unembeddedRow>;
  readonly parts: readonly string[];
}

/** The first memories, as many as have so many parts together: long ones shall not keep a commit waiting. */
function takeChunk(rows: readonly Waiting['row'][], limit: number): Waiting[] {
  const chunk: Waiting[] = [];
  let texts = 0;
  for (const row of rows) {
    const parts = cutParts(row.content);
    texts += parts.length;
    if (texts > limit && chunk.length > 0) break;
    chunk.push({ row, parts });
  }
  return chunk;
}

/** To each memory what came of its parts. */
function regroup(
  chunk: readonly Waiting[],
  embeddings: readonly Embedding[],
): (readonly [Waiting['row'], Embedding[]])[] {
  let from = 0;
  return chunk.map(({ row, parts }) => [row, embeddings.slice(from, (from += parts.length))] as const);
}

async function keep(
  { run, usage }: StepContext,
  model: string,
  embedded: readonly (readonly [Waiting['row'], readonly Embedding[]])[],
): Promise<void> {
  const whole = embedded.filter(([, vectors]) => !vectors.includes(null));
  // What no model can embed of a long text is left out of it; a text of such parts alone is unfit itself.
  const rows = whole.flatMap(([{ id, content_hash }, vectors]) =>
    vectors
      .filter((vector) => vector instanceof Float32Array)
      .map((vector, part) => ({ memory_id: id, content_hash, part, vector: [...vector] })),
  );
  const isUnfit = (vectors: readonly Embedding[]) => vectors.every((vector) => vector === 'unfit');
  const unfit = new Set(whole.flatMap(([{ content_hash }, vectors]) => (isUnfit(vectors) ? [content_hash] : [])));
  if (rows.length > 0) await run('working-memory.write-embedding', { model, rows: JSON.stringify(rows) });
  usage.unfit += unfit.size;
  const note = { task: 'embedding', signature: model, ids: JSON.stringify([...unfit]) };
  if (unfit.size > 0) await run('reading.note-unfit', note);
}

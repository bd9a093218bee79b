import { z } from 'zod';
import type { Embedder, Embedding } from '../llm/embedder.ts';
import { BATCH } from '../llm/embedding.ts';
import { READ_CHARACTERS } from '../text/sentences.ts';
import { chunkSize, MOST_TRIES } from './reading.ts';
import { countChanged, readCounts, zip, type Step, type StepContext } from './step.ts';

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
    const chunk = z
      .array(unembeddedRow)
      .parse(await run('working-memory.select-unembedded', { after, limit, read_characters: READ_CHARACTERS }));
    const texts = chunk.map(({ content }) => content);
    const embeddings = await embedder.embedMany(model, texts, signal, usage.meter, kept);
    if (embeddings.length === 0) break;
    await context.commit(() => keep(context, model, zip(chunk, embeddings)));
    after = chunk.at(-1)?.place ?? after;
  }
}

async function keep(
  { run, usage }: StepContext,
  model: string,
  embedded: readonly (readonly [z.infer<typeof unembeddedRow>, Embedding])[],
): Promise<void> {
  const rows = embedded.flatMap(([{ id, content_hash }, vector]) =>
    vector instanceof Float32Array ? [{ memory_id: id, content_hash, vector: [...vector] }] : [],
  );
  const unfit = new Set(embedded.flatMap(([{ content_hash }, vector]) => (vector === 'unfit' ? [content_hash] : [])));
  if (rows.length > 0) await run('working-memory.write-embedding', { model, rows: JSON.stringify(rows) });
  usage.unfit += unfit.size;
  const note = { task: 'embedding', signature: model, ids: JSON.stringify([...unfit]) };
  if (unfit.size > 0) await run('reading.note-unfit', note);
}

import { UnknownMemoryError } from '../memory/errors.ts';
import { UnreadableFileError } from './file.open.ts';
import type { NewerRow } from './newer.rows.ts';
import type { Published } from './published.ts';
import { describeUnknown, isMeant, why, type Life, type WhyRequest } from './why.ts';

/** A life, and the file that it is from; `cycle` is null where that does not know the memory yet. */
interface Told extends Life {
  readonly source: { readonly file: string; readonly cycle: string | null };
}

/**
 * The life of a memory, of one too that no cycle has read yet: of that the words are known, and nothing that a cycle makes of them.
 * @throws UnknownMemoryError; UnreadableFileError where there is no file, nor the memory among the newest rows
 */
export async function tellLife(published: Published, request: WhyRequest): Promise<Told> {
  const { path } = published;
  try {
    return await published.read(async (file) => {
      const life = await why(file, request);
      if (life === null) throw await describeUnknown(file, request.id);
      return { ...life, source: { file: path, cycle: file.meta.cycle_id } };
    });
  } catch (error) {
    const isMissing = error instanceof UnreadableFileError || (error instanceof UnknownMemoryError && !error.isNear);
    const unread = isMissing ? find(await published.unread(), request) : null;
    if (unread === null) throw error;
    return { ...unread, source: { file: path, cycle: null } };
  }
}

function find(rows: readonly NewerRow[], { id, asOf }: WhyRequest): Life | null {
  const meant = rows.filter((row) => isMeant(row.memory_id, id));
  const row = meant.find(({ memory_id: own }) => own === id) ?? (meant.length === 1 ? meant[0] : undefined);
  if (row === undefined || row.created_at.getTime() > Date.parse(asOf)) return null;
  const { memory_id: own, content, agent, context, tags, created_at: at } = row;
  return {
    ...{ id: own, content, agent, createdAt: at.toISOString(), context, tags, asOf },
    ...{ kind: null, importance: null, attended: null, fate: null, session: null, episode: null, community: null },
    ...{ strength: null, events: [], curve: [], links: [], supersededBy: [], supersedes: [], learned: [] },
  };
}

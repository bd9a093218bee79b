import { findDays } from '../text/dates.ts';
import { cutParts } from '../text/parts.ts';
import type { ScopeMemory } from './block.ts';
import type { Meaning } from './meaning.ts';
import type { NewerRow } from './newer.rows.ts';
import { readForRecall, type RecallText } from './reading.ts';

/** Places of newer rows, where no file comes to. */
const FIRST_PLACE = 2_000_000_000;

/** Rows that no file has, as memories. */
export interface Newer {
  readonly memories: readonly ScopeMemory[];
  /** By place. */
  readonly rows: ReadonlyMap<number, NewerRow>;
  /** Whose vectors they have; null: they have none. */
  readonly model: string | null;
}

/** What a text is read for, in this process, once. */
interface Read extends RecallText {
  readonly days: readonly number[];
}

/** Makes memories of rows, each text once: read by rules, and embedded. Whether its entities are new to an agent is not known: novelty is 0. */
export class NewerReader {
  readonly #meaning: Meaning;
  readonly #timezone: string;
  #read = new Map<string, Read>();
  #vectors = new Map<string, readonly Float32Array[]>();
  #model: string | null = null;

  constructor(meaning: Meaning, timezone: string) {
    [this.#meaning, this.#timezone] = [meaning, timezone];
  }

  /** The rows as memories, with the vectors that there are by a model. What was kept of other texts is forgotten. */
  toMemories(rows: readonly NewerRow[], model: string | null): Newer {
    if (model !== this.#model) this.#vectors.clear();
    this.#model = model;
    const kept = new Set(rows.map(keyOf));
    this.#read = new Map([...this.#read].filter(([key]) => kept.has(key)));
    const contents = new Set(rows.map(({ content }) => content));
    this.#vectors = new Map([...this.#vectors].filter(([content]) => contents.has(content)));
    const memories = rows.map((row, index): ScopeMemory => {
      const { terms, ...read } = this.#readOnce(row);
      return {
        ...{ id: row.memory_id, place: FIRST_PLACE + index, agent: row.agent, createdAt: row.created_at.getTime() },
        ...{ ...read, terms: Uint32Array.from(terms), tags: row.tags, novelty: 0 },
        vectors: this.#vectors.get(row.content) ?? [],
      };
    });
    return { memories, rows: new Map(rows.map((row, index) => [FIRST_PLACE + index, row])), model };
  }

  /** Embeds the first rows that have no vectors yet, so many at most; gives whether there are more that can be. */
  async embedSome(rows: readonly NewerRow[], most: number): Promise<boolean> {
    const model = this.#model;
    const missing = [...new Set(rows.map(({ content }) => content))].filter((content) => !this.#vectors.has(content));
    const chunk = missing.slice(0, most).map((content) => ({ content, parts: cutParts(content) }));
    if (chunk.length === 0) return false;
    const vectors = await this.#meaning.embed(
      chunk.flatMap(({ parts }) => parts),
      model,
    );
    if (vectors === null) return false;
    let from = 0;
    for (const { content, parts } of chunk) {
      const own = vectors.slice(from, (from += parts.length));
      if (model === this.#model)
        this.#vectors.set(
          content,
          own.filter((vector) => vector.some((number) => number !== 0)),
        );
    }
    return missing.length > chunk.length;
  }

  #readOnce(row: NewerRow): Read {
    const key = keyOf(row);
    const known = this.#read.get(key);
    if (known !== undefined) return known;
    const text = readForRecall(row.content);
    const moment = { createdAt: row.created_at.toISOString(), timezone: this.#timezone };
    // The parser of dates takes a tenth of a second to load.
    const read = { ...text, days: text.tellsTime ? findDays(row.content, moment) : [] };
    this.#read.set(key, read);
    return read;
  }
}

const keyOf = ({ content, created_at: at }: NewerRow) => `${String(at.getTime())} ${content}`;
